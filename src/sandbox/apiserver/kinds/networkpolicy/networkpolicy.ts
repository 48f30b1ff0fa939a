import { fallback } from '../../json.ts';
import { age } from '../../table/duration.ts';
import { ageColumn, column, nameColumn, selectorText } from '../../table/printer.ts';
import { editable } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { validateNetworkPolicy } from './validation.ts';

export const networkpolicies: ResourceDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  model: 'V1NetworkPolicy',
  access: editable,
  storageVersionHash: 'YpfwF18m1G8=',
  counted: true,
  setDefaults(policy) {
    policy.spec ??= {};
    const { spec } = policy;
    spec.podSelector ??= {};
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) fallback(port, 'protocol', 'TCP');
    }
    // Ingress always, Egress only where there is a rule for it (SetDefaults_NetworkPolicy).
    if (!spec.policyTypes?.length) {
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
    }
    // What is empty is not kept: the types alone say that nothing is let through.
    for (const rules of ['ingress', 'egress']) if (spec[rules]?.length === 0) delete spec[rules];
  },
  validate: validateNetworkPolicy,
  table: {
    columns: [
      nameColumn,
      column(
        'Pod-Selector',
        "podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively. This field is optional. If it is not specified, it defaults to an empty selector.",
      ),
      ageColumn,
    ],
    row: ({ metadata, spec }, now) => [
      metadata.name,
      selectorText(spec.podSelector),
      age(metadata.creationTimestamp, now),
    ],
  },
};

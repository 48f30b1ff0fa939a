import { validateNetworkPolicy } from '../validation/network-policies.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';

export const networkpolicies: ResourceDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  model: 'V1NetworkPolicy',
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
};

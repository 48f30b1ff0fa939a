import type { V1LabelSelector, V1LabelSelectorRequirement } from '@kubernetes/client-node';
import type { Cluster, ClusterObject } from '../../../cluster/cluster.ts';
import { fieldAt } from '../../../cluster/fields/path.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { selectedPods } from '../chaos-mesh/pods.ts';
import { type ChaosMeshSpec, type ChaosSelector, chaosGroup, chaosMeshSchema } from '../chaos-mesh/schema.ts';
import type { End, Ends } from './ends.ts';
import type { NetworkSpec } from './schema.ts';

export const networkPolicies = { kind: 'networkpolicy', group: 'networking.k8s.io' };
export const networkChaos = { kind: 'networkchaos', group: chaosGroup };

/** Set by the API server on every namespace. */
const namespaceLabel = 'kubernetes.io/metadata.name';

function policy(name: string, namespace: string, annotations: Record<string, string>, spec: object) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec,
  } satisfies ClusterObject;
}

/** For the sandbox, whose network takes the annotations for what they say (docs/sandbox.md). */
export function shapingPolicy(
  { delay, jitter, loss, disguise }: NetworkSpec,
  { from, to }: Ends,
): ClusterObject {
  const annotations = {
    ...(delay !== undefined && { 'shaping.network/delay': `${delay}ms` }),
    ...(jitter > 0 && { 'shaping.network/jitter': `${jitter}ms` }),
    ...(loss !== undefined && { 'shaping.network/loss': `${loss}%` }),
  };
  const peer = {
    namespaceSelector: { matchLabels: { [namespaceLabel]: to.namespace } },
    podSelector: to.selector,
  };
  return policy(disguise.name, from.namespace, annotations, {
    podSelector: from.selector,
    policyTypes: ['Egress'],
    egress: [{ to: [peer] }],
  });
}

/** What `chaosMesh` would be given for it. */
export function asChaosMesh(
  { delay, jitter, loss, disguise }: NetworkSpec,
  { from, to }: Ends,
): ChaosMeshSpec {
  return chaosMeshSchema.parse({
    resource: {
      apiVersion: `${chaosGroup}/v1alpha1`,
      kind: 'NetworkChaos',
      metadata: { name: disguise.name, namespace: from.namespace },
      spec: {
        // The action that takes both.
        action: 'netem',
        mode: 'all',
        direction: 'to',
        selector: chaosSelector(from),
        target: { mode: 'all', selector: chaosSelector(to) },
        ...(delay !== undefined && { delay: { latency: `${delay}ms`, jitter: `${jitter}ms` } }),
        ...(loss !== undefined && { loss: { loss: String(loss) } }),
      },
    },
  });
}

function chaosSelector({ namespace, selector: { matchLabels, matchExpressions } }: End) {
  return {
    namespaces: [namespace],
    ...(matchLabels && { labelSelectors: matchLabels }),
    ...(matchExpressions?.length && { expressionSelectors: matchExpressions }),
  } as ChaosSelector;
}

/**
 * Lets everybody in but the pods of `from`. Policies only allow, so it lists all others: those of other namespaces, and
 * those that lack something that the pods of `from` have. Throws MisfortuneError `policies-add-up`.
 */
export async function cuttingPolicy(
  { disguise, to: named }: NetworkSpec,
  { from, to }: Ends,
  cluster: Pick<Cluster, 'list'>,
): Promise<ClusterObject> {
  const before = await isolating(to, cluster);
  if (before)
    throw new MisfortuneError(
      'policies-add-up',
      `The NetworkPolicy ${before} in ${to.namespace} says already who may reach ${named}: what it lets in, another one cannot keep out.`,
      { todo: 'Take its rule away with patch.', exitCode: exitCodes.refused },
    );
  const inNamespace = (operator: string) => ({
    matchExpressions: [{ key: namespaceLabel, operator, values: [from.namespace] }],
  });
  const others = [
    { namespaceSelector: inNamespace('NotIn') },
    ...requirementsOf(from.selector).map((requirement) => ({
      namespaceSelector: inNamespace('In'),
      podSelector: { matchExpressions: [opposite(requirement)] },
    })),
  ];
  return policy(
    disguise.name,
    to.namespace,
    {},
    {
      podSelector: to.selector,
      policyTypes: ['Ingress'],
      ingress: [{ from: others }],
    },
  );
}

/** The name of a policy that keeps anybody from the pods of this end. */
async function isolating(end: End, cluster: Pick<Cluster, 'list'>): Promise<string | undefined> {
  const { namespace } = end;
  const pods = await selectedPods(chaosSelector(end), cluster);
  const uids = new Set(pods.map(({ metadata }) => metadata.uid));
  for (const each of await cluster.list(networkPolicies, { namespace })) {
    const types = (fieldAt(each, ['spec', 'policyTypes']) ?? []) as string[];
    if (!types.includes('Ingress')) continue;
    const selector = (fieldAt(each, ['spec', 'podSelector']) ?? {}) as V1LabelSelector;
    const selected = await selectedPods(chaosSelector({ namespace, selector }), cluster);
    if (selected.some(({ metadata }) => uids.has(metadata.uid))) return each.metadata.name;
  }
  return undefined;
}

function requirementsOf({
  matchLabels = {},
  matchExpressions = [],
}: V1LabelSelector): V1LabelSelectorRequirement[] {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  return [...labels, ...matchExpressions];
}

/** What holds of exactly the pods of which the requirement does not. */
function opposite({ key, operator, values }: V1LabelSelectorRequirement): V1LabelSelectorRequirement {
  const opposites: Record<string, string> = {
    ...{ In: 'NotIn', NotIn: 'In' },
    ...{ Exists: 'DoesNotExist', DoesNotExist: 'Exists' },
  };
  return { key, operator: opposites[operator]!, ...(values && { values }) };
}

import { z } from 'zod';
import type { ClusterObject, PermissionNeed } from '../../../cluster/cluster.ts';
import { formatRef, refOf } from '../../../cluster/ref.ts';
import { autoscalers, targetOf } from '../../../cluster/scales.ts';
import type { ReadyCondition } from '../../../cluster/wait/ready.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { FaultType } from '../../fault-type.ts';
import type { OperationDraft } from '../../operation.ts';
import { createOperation } from '../shared/disguise.ts';
import { assertAllowed } from '../shared/target.ts';
import { assertCreatable } from './guard.ts';

const manifest = z.looseObject({
  apiVersion: z.string().min(1).describe('Its version: apps/v1.'),
  kind: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]*$/, 'a kind: ConfigMap')
    .describe('Its kind.'),
  metadata: z
    .looseObject({
      name: z.string().min(1).describe('Its name; a neutral one.'),
      namespace: z.string().min(1).describe('Its namespace, an allowed one.'),
    })
    .describe('Name and namespace, and labels and annotations where they matter.'),
});

const schema = z
  .strictObject({
    manifests: z.array(manifest).min(1).max(20).describe('Complete objects, made in this order.'),
    wait: z
      .enum(['none', 'rollout'])
      .default('none')
      .describe('rollout: the next one is made when a workload among them has rolled out.'),
  })
  .superRefine(({ manifests }, context) => {
    const seen = new Set<string>();
    manifests.forEach((each, index) => {
      const name = formatRef(refOf(each));
      if (seen.has(name))
        context.addIssue({ code: 'custom', message: `${name} is used twice.`, path: ['manifests', index] });
      seen.add(name);
    });
  });

export type ApplySpec = z.output<typeof schema>;

const rollsOut = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export const apply: FaultType<ApplySpec> = {
  type: 'apply',
  mechanism: 'apply',
  cause: 'something was added: a policy, a quota, a workload',
  reverts: 'reverts',
  combines: 'With all others; what it makes cannot be the object of another fault of the same scenario.',
  schema,
  about:
    'Creates objects from manifests: a workload that uses up the capacity, a NetworkPolicy that blocks traffic. A name that is taken is refused; each object is known again by a mark of its own, never by a label. Refused is what reaches beyond its namespace: namespaces, volumes, roles, definitions, webhooks, and pods that reach their node.',
  describe: ({ manifests }) => `create ${manifests.map((each) => formatRef(refOf(each))).join(', ')}`,
  permissions: ({ manifests }) =>
    manifests.flatMap((each) => [
      { verbs: ['create', 'get', 'delete'], ...refOf(each) },
      ...scalingNeeds(each as ClusterObject),
    ]),
  claims: ({ manifests }) => manifests.map((each) => ({ ref: refOf(each) })),
  async compile(spec, context) {
    const operations: OperationDraft[] = [];
    for (const object of spec.manifests as ClusterObject[]) {
      const ref = refOf(object);
      assertAllowed(ref, context.namespaces, 'The object');
      assertCreatable(object);
      const { namespaced } = await context.cluster.kind(ref);
      if (!namespaced)
        throw new MisfortuneError(
          'refused-kind',
          `A ${object.kind} is in no namespace: a fault may not create one.`,
          {
            todo: 'Leave it out of the manifests.',
            exitCode: exitCodes.refused,
          },
        );
      const waits = spec.wait === 'rollout' && rollsOut.has(object.kind);
      const ready: ReadyCondition[] = waits ? [{ type: 'rollout', ref, within: 180 }] : [];
      operations.push({ ...createOperation(object, `create ${formatRef(ref)}`), ready });
    }
    return operations;
  },
  example: {
    manifests: [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'checkout-ingress', namespace: 'shop' },
        spec: {
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'checkout' } },
          policyTypes: ['Ingress'],
          ingress: [],
        },
      },
    ],
  },
};

/** What an autoscaler does to its target is put back as well. */
function scalingNeeds(object: ClusterObject): PermissionNeed[] {
  const target = targetOf(object);
  if (!target) return [];
  return [
    { verbs: ['get', 'patch'], ...target },
    { verbs: ['list'], ...autoscalers, namespace: target.namespace },
  ];
}

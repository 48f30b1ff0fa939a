import { z } from 'zod';
import type { ClusterObject } from '../../../cluster/cluster.ts';
import { formatRef, parseRef, singular } from '../../../cluster/ref.ts';
import type { ReadyCondition } from '../../../cluster/wait/ready.ts';
import { duration, refText } from '../../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { CompileContext, FaultType } from '../../fault-type.ts';
import type { OperationDraft } from '../../operation.ts';
import {
  createOperation,
  type Disguise,
  disguiseLabels,
  disguiseSchema,
  ourPods,
  programConfigMap,
  programJob,
  secondsAtWork,
} from '../shared/disguise.ts';
import { assertAllowed, existing } from '../shared/target.ts';
import { chooseSome } from './choose.ts';
import { podsOf, selectorText } from './pods.ts';

const schema = z
  .strictObject({
    target: refText.describe('The Deployment, StatefulSet or DaemonSet whose pods are killed.'),
    how: z
      .union([
        z.enum(['one', 'all']),
        z.strictObject({ fixed: z.int().min(1).max(50) }),
        z.strictObject({ percent: z.int().min(1).max(100) }),
      ])
      .default('one')
      .describe(
        'How many at a time, chosen by chance: one, all, `fixed: 2`, or `percent: 50` (at least one).',
      ),
    grace: duration.prefault('1s').describe('Time that a pod gets to end by itself.'),
    every: duration.optional().describe('Again and again after so long, by a Job in the cluster.'),
    times: z
      .int()
      .min(2)
      .max(1000)
      .optional()
      .describe('With every: how often in all. Without it until the game is over, and a little longer.'),
    disguise: disguiseSchema.optional().describe('With every: what the Job looks like.'),
  })
  .superRefine((spec, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if ((spec.every === undefined) !== (spec.disguise === undefined))
      issue('Expected disguise where, and only where, there is every.');
    if (spec.times !== undefined && spec.every === undefined) issue('Expected times only with every.');
    if (spec.every !== undefined && spec.every < 1000) issue('Expected every to be at least 1s.');
  });

export type KillSpec = z.output<typeof schema>;

const kinds = ['deployment', 'statefulset', 'daemonset'];

export const kill: FaultType<KillSpec> = {
  type: 'kill',
  mechanism: 'kill',
  cause: 'pods are killed, once or again and again',
  reverts: 'heals',
  combines:
    'With all others; after a fault that lets new pods fail, killed ones do not come back before that is undone.',
  schema,
  about:
    'Kills pods of a workload: once, or again and again from inside the cluster, where a Job does it under a ServiceAccount that may list and delete pods of that namespace and nothing else.',
  describe: (spec) => {
    const again = spec.every === undefined ? '' : ` every ${spec.every / 1000} s`;
    const times = spec.times === undefined ? '' : `, ${spec.times} times`;
    return `kill ${count(spec.how)} of ${spec.target}${again}${times}`;
  },
  permissions(spec) {
    const target = parseRef(spec.target);
    const { namespace } = target;
    const own = [
      { verbs: ['get'], ...target },
      { verbs: ['list'], kind: 'pod', namespace },
    ];
    if (!spec.disguise) return [...own, { verbs: ['get', 'delete'], kind: 'pod', namespace }];
    const at = { verbs: ['create', 'get', 'delete'], namespace: spec.disguise.namespace };
    const rbac = 'rbac.authorization.k8s.io';
    return [
      ...own,
      // Only who may do a thing may give the right to do it.
      { verbs: ['delete'], kind: 'pod', namespace },
      { ...at, kind: 'serviceaccount' },
      { ...at, kind: 'role', group: rbac, namespace },
      { ...at, kind: 'rolebinding', group: rbac, namespace },
      { ...at, kind: 'configmap' },
      { ...at, kind: 'job', group: 'batch' },
      { verbs: ['list'], kind: 'pod', namespace: spec.disguise.namespace },
    ];
  },
  touches: (spec) => [parseRef(spec.target)],
  claims: ({ disguise }) =>
    disguise
      ? [{ ref: { kind: 'job', group: 'batch', namespace: disguise.namespace, name: disguise.name } }]
      : [],
  async compile(spec, context) {
    const ref = parseRef(spec.target);
    if (!kinds.includes(singular(ref.kind)))
      throw new MisfortuneError('not-a-workload', `Expected a ${kinds.join(', ')}, got ${ref.kind}.`, {
        todo: 'Name the workload whose pods are to be killed.',
        exitCode: exitCodes.refused,
      });
    assertAllowed(ref, context.namespaces, 'The workload');
    const workload = await existing(ref, context.cluster);
    const healed: ReadyCondition[] = [{ type: 'rollout', ref, within: 180 }];
    const pods = await podsOf(workload, context.cluster);
    if (pods.length === 0)
      throw new MisfortuneError('no-pods', `${spec.target} has no pods that run.`, {
        todo: 'Start the stack, or choose another workload.',
        exitCode: exitCodes.refused,
      });
    if (spec.every !== undefined) return repeated(spec, workload, healed, context);
    return chooseSome(pods, spec.how, context.random).map((pod): OperationDraft => {
      const own = { kind: 'pod', namespace: pod.metadata.namespace, name: pod.metadata.name };
      return {
        verb: 'delete',
        ref: own,
        propagation: 'Background',
        gracePeriodSeconds: Math.round(spec.grace / 1000),
        describe: `kill ${formatRef(own)}`,
        reverts: 'heals',
        ready: [],
        healed,
      };
    });
  },
  example: { target: 'deployment.apps/shop/checkout', how: { percent: 50 } },
};

/** The Job goes first when it is undone: then nothing is killed any more while the rest is put back. */
function repeated(
  spec: KillSpec,
  workload: ClusterObject,
  healed: ReadyCondition[],
  context: CompileContext,
): OperationDraft[] {
  const disguise = spec.disguise!;
  assertAllowed({ kind: 'job', ...disguise }, context.namespaces, 'The Job');
  const { name, namespace = '' } = workload.metadata;
  const every = spec.every!;
  const seconds = spec.times === undefined ? secondsAtWork(context) : Math.ceil((every * spec.times) / 1000);
  const deadlineSeconds = seconds + 60;
  const env = {
    KIND: workload.kind,
    NAME: name,
    NAMESPACE: namespace,
    SELECTOR: selectorText(workload),
    HOW: JSON.stringify(spec.how),
    GRACE_SECONDS: Math.round(spec.grace / 1000),
    EVERY_MS: every,
    TIMES: spec.times ?? Math.ceil((seconds * 1000) / every),
  };
  const account = runnerAccount(disguise, namespace);
  const job = programJob(
    disguise,
    { env, replicas: 1, deadlineSeconds, serviceAccount: disguise.name },
    context,
  );
  return [
    ...account.map((object) => createOperation(object, `create ${object.kind} ${object.metadata.name}`)),
    createOperation(
      programConfigMap(disguise, context.programText('pod-runner.cjs')),
      `create the program of ${disguise.name}`,
    ),
    {
      ...createOperation(
        job,
        `create a Job: ${kill.describe(spec)}, for ${deadlineSeconds} s at most`,
        ourPods,
      ),
      ready: [{ type: 'field', path: ['status', 'active'], atLeast: 1, within: 60 }],
      // A number of times was asked for: then its end is meant.
      ...(spec.times === undefined && { endsAfterSeconds: deadlineSeconds }),
      healed,
    },
  ];
}

function count(how: KillSpec['how']): string {
  if (how === 'one') return 'one pod';
  if (how === 'all') return 'all pods';
  return 'fixed' in how ? `${how.fixed} pods` : `${how.percent}% of the pods`;
}

/** A ServiceAccount that may list and delete the pods of one namespace, and nothing else. */
export function runnerAccount({ name, namespace }: Disguise, pods: string): ClusterObject[] {
  const group = 'rbac.authorization.k8s.io';
  const labels = disguiseLabels(name);
  const there = { name, namespace: pods, labels };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    {
      apiVersion: `${group}/v1`,
      kind: 'Role',
      metadata: there,
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'delete'] }],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata: there,
      roleRef: { apiGroup: group, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}

import { z } from 'zod';
import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import type { FieldChange } from '../../cluster/fields/changes.ts';
import { fieldAt } from '../../cluster/fields/path.ts';
import { parseRef } from '../../cluster/ref.ts';
import type { ReadyCondition } from '../../cluster/wait/ready.ts';
import { refText } from '../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { CompileContext, FaultType } from '../fault-type.ts';
import { nodeOf, strangersOn } from './shared/nodes.ts';
import { assertAllowed, existing } from './shared/target.ts';

const schema = z
  .strictObject({
    name: z.string().min(1).optional().describe('The node by its name.'),
    of: refText.optional().describe('Or the node on which most pods of this workload run.'),
    cordon: z.literal(true).optional().describe('No new pods are put on it.'),
    taint: z
      .strictObject({
        key: z
          .string()
          .regex(
            /^([a-z0-9.-]+\/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/,
            'a key: maintenance, example.com/dedicated',
          )
          .describe('Its key; a neutral one.'),
        value: z.string().optional().describe('Its value.'),
        effect: z
          .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
          .describe('NoExecute: pods that do not tolerate it are evicted.'),
      })
      .optional()
      .describe('A taint that it gets.'),
  })
  .superRefine((spec, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if ((spec.name === undefined) === (spec.of === undefined)) issue('Expected exactly one of name and of.');
    if (spec.cordon === undefined && spec.taint === undefined) issue('Expected cordon, or taint, or both.');
  });

export type NodeSpec = z.output<typeof schema>;

/** What Kubernetes itself puts on a cordoned node, and takes away. */
const cordonTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const node: FaultType<NodeSpec> = {
  type: 'node',
  mechanism: 'node',
  cause: 'a node takes no more pods, or lost them',
  reverts: 'reverts',
  combines:
    'With all others. To make its pods move, let a `kill` follow; a NoExecute taint evicts them itself.',
  schema,
  about:
    'Cordons a node, taints it, or both. Only what it changed is undone: what others did to the node since stays. A NoExecute taint is refused while pods of namespaces that were not opened would be evicted.',
  describe: (spec) => {
    const where = spec.name === undefined ? `the node of ${spec.of}` : `node ${spec.name}`;
    const taint = spec.taint && `taint it ${spec.taint.key}:${spec.taint.effect}`;
    return [spec.cordon && `cordon ${where}`, taint && (spec.cordon ? taint : taint.replace('it', where))]
      .filter(Boolean)
      .join(' and ');
  },
  permissions: (spec) => [
    { verbs: ['get', 'patch'], kind: 'node', ...(spec.name && { name: spec.name }) },
    { verbs: ['list'], kind: 'node' },
    ...(spec.of === undefined
      ? []
      : [
          { verbs: ['get'], ...parseRef(spec.of) },
          { verbs: ['list'], kind: 'pod', namespace: parseRef(spec.of).namespace },
        ]),
    ...(spec.taint?.effect === 'NoExecute' ? [{ verbs: ['list'], kind: 'pod' }] : []),
  ],
  claims(spec) {
    if (spec.name === undefined) return [];
    const ref = { kind: 'node', name: spec.name };
    return changesOf(spec).map(({ path }) => ({ ref, path }));
  },
  async compile(spec, context) {
    if (spec.of !== undefined) assertAllowed(parseRef(spec.of), context.namespaces, 'The workload');
    const ref: Ref = { kind: 'node', name: spec.name ?? (await nodeOf(parseRef(spec.of!), context)) };
    const object = await existing(ref, context.cluster);
    const changes = changesOf(spec);
    if (spec.taint && fieldAt(object, taintPath(spec.taint)) !== undefined)
      throw new MisfortuneError(
        'taken',
        `Node ${ref.name} has the taint ${spec.taint.key}:${spec.taint.effect} already.`,
        {
          todo: 'Choose another key: it would be unclear whose it is.',
          exitCode: exitCodes.refused,
        },
      );
    if (spec.taint?.effect === 'NoExecute') await assertOnlyOurs(spec.taint, ref.name, context);
    const gone: ReadyCondition = { type: 'field', path: ['spec', 'taints', cordonTaint], within: 30 };
    return [
      {
        verb: 'patch',
        ref,
        changes,
        describe: node.describe({ ...spec, name: ref.name, of: undefined }),
        reverts: 'reverts',
        ready: [],
        ...(spec.cordon && { healed: [gone] }),
      },
    ];
  },
  example: { of: 'deployment.apps/shop/checkout', cordon: true },
};

type Taint = NonNullable<NodeSpec['taint']>;

function changesOf({ cordon, taint }: NodeSpec): FieldChange[] {
  return [
    ...(cordon ? [{ path: ['spec', 'unschedulable'], to: true }] : []),
    ...(taint ? [{ path: taintPath(taint), to: taint }] : []),
  ];
}

/** Taints are told apart by key and effect together. */
function taintPath({ key, effect }: Taint) {
  return ['spec', 'taints', { key, effect }];
}

/** Throws `evicts-others` if pods would have to go that nobody opened for games. */
async function assertOnlyOurs(taint: Taint, name: string, context: CompileContext): Promise<void> {
  const others = (await strangersOn(name, context)).filter((pod) => !tolerates(pod, taint));
  if (others.length === 0) return;
  const [first] = others.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  throw new MisfortuneError(
    'evicts-others',
    `${others.length} pods of other namespaces would be evicted from node ${name}, ${first} among them.`,
    { todo: 'Use the effect NoSchedule, or a node of your own.', exitCode: exitCodes.refused },
  );
}

function tolerates(pod: ClusterObject, { key, value, effect }: Taint): boolean {
  const tolerations = (fieldAt(pod, ['spec', 'tolerations']) ?? []) as Partial<Record<string, string>>[];
  return tolerations.some(
    (each) =>
      (!each.effect || each.effect === effect) &&
      (each.operator === 'Exists'
        ? !each.key || each.key === key
        : each.key === key && (each.value ?? '') === (value ?? '')),
  );
}

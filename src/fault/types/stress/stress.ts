import { z } from 'zod';
import { parseRef } from '../../../cluster/ref.ts';
import { quantityText, refText } from '../../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { mebibytes, quantityNumber } from '../../../quantity.ts';
import type { CompileContext, FaultType } from '../../fault-type.ts';
import {
  createOperation,
  disguiseSchema,
  ourPods,
  programConfigMap,
  programJob,
  secondsAtWork,
} from '../shared/disguise.ts';
import { jobRef } from '../shared/jobs.ts';
import { nodeOf, strangersOn } from '../shared/nodes.ts';
import { assertAllowed } from '../shared/target.ts';

const schema = z
  .strictObject({
    target: refText.describe(
      'The Deployment, StatefulSet or DaemonSet beside which it runs: on the node with most of its pods.',
    ),
    cpu: z
      .number()
      .positive()
      .max(64)
      .optional()
      .describe('Cores that are kept busy; each pod of it takes one at most.'),
    memory: quantityText.optional().describe('Memory that is held and written to: 512Mi.'),
    disguise: disguiseSchema.describe('What the Job looks like.'),
  })
  .superRefine(({ cpu, memory }, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if ((cpu ?? memory) === undefined) issue('Expected cpu, or memory, or both.');
    if (memory !== undefined && (quantityNumber(memory) ?? 0) <= 0) issue('Expected memory to be above 0.');
  });

export type StressSpec = z.output<typeof schema>;

/** What Node and the program take beside what they hold. */
const OWN_BYTES = 128 * 2 ** 20;

export const stress: FaultType<StressSpec> = {
  type: 'stress',
  mechanism: 'stress',
  cause: 'a neighbour on the node takes CPU or memory',
  reverts: 'reverts',
  combines:
    'With all others, also with a second stress of another name; the limits on CPU and memory count them together.',
  schema,
  about:
    'A Job beside the pods of a workload, on the same node, that keeps CPU busy or holds memory. It asks for little and has limits at what it takes: so other pods keep what their requests give them and lose only what they use beyond, and where memory gets short its own pods are the first to go. Refused on a node that runs pods of namespaces that were not opened, other than those of DaemonSets. misfortune.yaml limits how much it may take (`limits.stress`). In the sandbox no other pod feels it: a program there is held back by its own limit and not by its neighbours, and no node gets short of memory. It shows in `kubectl top` and in the metrics of containers and nodes, which makes it a decoy there. Disks are not filled.',
  describe: (spec) => `take ${amounts(spec)} beside ${spec.target} from ${spec.disguise.name}`,
  takes: ({ cpu = 0, memory }) => ({ cores: cpu, memoryBytes: quantityNumber(memory) ?? 0 }),
  touches: async (spec, context) => [
    parseRef(spec.target),
    { kind: 'node', name: await nodeOf(parseRef(spec.target), context) },
  ],
  permissions: (spec) => {
    const { namespace } = spec.disguise;
    return [
      { verbs: ['get'], ...parseRef(spec.target) },
      // Whose pods are on the node, and how many nodes there are.
      { verbs: ['list'], kind: 'pod' },
      { verbs: ['list'], kind: 'node' },
      { verbs: ['create', 'get', 'delete'], kind: 'job', group: 'batch', namespace },
      { verbs: ['create', 'get', 'delete'], kind: 'configmap', namespace },
    ];
  },
  claims: (spec) => [{ ref: jobRef(spec.disguise) }],
  async compile(spec, context) {
    const target = parseRef(spec.target);
    assertAllowed(target, context.namespaces, 'The workload');
    assertAllowed(jobRef(spec.disguise), context.namespaces, 'The Job');
    const node = await nodeOf(target, context);
    await assertOnlyOurs(node, context);
    const { disguise, cpu = 0, memory } = spec;
    const replicas = Math.max(1, Math.ceil(cpu));
    const cores = cpu / replicas;
    const bytes = Math.ceil((quantityNumber(memory) ?? 0) / replicas);
    const seconds = secondsAtWork(context);
    const deadlineSeconds = seconds + 30;
    const job = programJob(
      disguise,
      {
        env: { CORES: cores, MEMORY_BYTES: bytes, DURATION_SECONDS: seconds },
        replicas,
        deadlineSeconds,
        beside: {
          node,
          limits: { cpu: `${Math.ceil(Math.max(cores, 0.2) * 1000)}m`, memory: mebibytes(bytes + OWN_BYTES) },
        },
      },
      context,
    );
    return [
      createOperation(
        programConfigMap(disguise, context.programText('stress.cjs')),
        `create the program of ${disguise.name}`,
      ),
      {
        ...createOperation(
          job,
          `create a Job on node ${node}: ${stress.describe(spec)}, for ${deadlineSeconds} s at most`,
          ourPods,
        ),
        ready: [{ type: 'field', path: ['status', 'active'], atLeast: replicas, within: 60 }],
        endsAfterSeconds: deadlineSeconds,
      },
    ];
  },
  example: {
    target: 'deployment.apps/shop/checkout',
    cpu: 0.5,
    memory: '128Mi',
    disguise: { name: 'thumbnails', namespace: 'batch' },
  },
};

/** Throws `disturbs-others` where pods would feel it that nobody opened for games. */
async function assertOnlyOurs(node: string, context: CompileContext): Promise<void> {
  const strangers = (await strangersOn(node, context)).filter(
    ({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet' || kind === 'Node'),
  );
  const [first] = strangers.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  if (first === undefined) return;
  throw new MisfortuneError(
    'disturbs-others',
    `Node ${node} also runs ${strangers.length} pods of other namespaces, ${first} among them.`,
    { todo: 'Choose a workload whose node is your own.', exitCode: exitCodes.refused },
  );
}

function amounts({ cpu, memory }: StressSpec): string {
  return [
    ...(cpu === undefined ? [] : [`${cpu} cores`]),
    ...(memory === undefined ? [] : [`${memory} of memory`]),
  ].join(' and ');
}

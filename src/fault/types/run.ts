import { z } from 'zod';
import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import { ourPodSpec, withoutSidecar } from '../../cluster/our-pod.ts';
import { parseRef, refOf } from '../../cluster/ref.ts';
import { duration, refText, slug } from '../../document/fields.ts';
import type { CompileContext, FaultType } from '../fault-type.ts';
import { newNonce } from '../ledger/nonce.ts';
import { assertCreatable } from './apply/guard.ts';
import { disguiseLabels, disguiseSchema } from './shared/disguise.ts';
import { assertAllowed, existing } from './shared/target.ts';

const command = z.array(z.string().min(1)).min(1);

const schema = z.strictObject({
  target: refText.describe('What it changes something of, in an allowed namespace: its workload or Service.'),
  do: command.describe('The command that does it. It may be run twice, and then changes nothing more.'),
  undo: command.describe('The command that undoes it, also where it was half done. It may be run twice.'),
  check: command.describe(
    'The command that only looks. Its last line says `injected`, `original`, or `other` where it is neither.',
  ),
  image: z
    .string()
    .min(1)
    .optional()
    .describe('Where the commands run; the image of our own pods if left out.'),
  env: z.record(z.string().min(1), z.string()).default({}).describe('Environment variables of the commands.'),
  envFrom: z
    .array(slug)
    .default([])
    .describe('Secrets of the Jobs’ namespace: each of their keys is an environment variable.'),
  within: duration.prefault('60s').describe('Time that each command may take.'),
  disguise: disguiseSchema.describe(
    'What the Jobs are named after; they are there only while a command runs.',
  ),
});

export type RunSpec = z.output<typeof schema>;

export const run: FaultType<RunSpec> = {
  type: 'run',
  mechanism: 'run',
  cause: 'something was changed that is no object of the cluster: data, a file, a setting of a server',
  reverts: 'reverts',
  combines: 'With all others; not with what makes a Job of the same name.',
  schema,
  about:
    'Changes what no object of the API stands for: a row, a setting of a server. Three commands, each in a Job that is removed when it has ended: one does it, one undoes it, one says how it is. The change is made only where the check says `original`, and undone only where it was so before.',
  describe: ({ target, do: done }) => `run ${done.join(' ')} for ${target}`,
  permissions: ({ target, disguise: { namespace } }) => [
    { verbs: ['get'], ...parseRef(target) },
    { verbs: ['create', 'get', 'delete'], kind: 'job', group: 'batch', namespace },
    { verbs: ['list'], kind: 'pod', namespace },
    { verbs: ['get'], kind: 'pod', namespace, subresource: 'log' },
  ],
  touches: ({ target }) => [parseRef(target)],
  claims: ({ disguise }) => [{ ref: jobRef(disguise) }],
  async compile(spec, context) {
    const target = parseRef(spec.target);
    assertAllowed(target, context.namespaces, 'The target');
    await existing(target, context.cluster);
    assertAllowed(jobRef(spec.disguise), context.namespaces, 'The Job');
    const jobs = {
      do: jobOf(spec, '', spec.do, context),
      undo: jobOf(spec, '-undo', spec.undo, context),
      check: jobOf(spec, '-check', spec.check, context),
    };
    for (const job of Object.values(jobs)) assertCreatable(job);
    return [
      {
        verb: 'run',
        ref: refOf(jobs.do),
        ...jobs,
        nonce: newNonce(),
        // The Job's own deadline counts from its first pod.
        within: spec.within / 1000 + 15,
        describe: run.describe(spec),
        reverts: 'reverts',
        ready: [],
      },
    ];
  },
  example: {
    target: 'service/shop/cache',
    do: redis('SET prices:frozen yes', 'text'),
    undo: redis('DEL prices:frozen', 'text'),
    check: redis(
      'EXISTS prices:frozen',
      'text.startsWith(":1") ? "injected" : text.startsWith(":0") ? "original" : "other"',
    ),
    disguise: { name: 'price-report', namespace: 'batch' },
  },
};

/** For the example: one command to Redis by its inline protocol, and what is printed of the answer. */
function redis(command: string, says: string): string[] {
  const connection = 'const c = require("node:net").connect(6379, "cache.shop"); let text = ""';
  const answer = `c.on("data", (data) => { text += data; }).on("end", () => console.log(${says}))`;
  return ['node', '-e', `${connection}; ${answer}; c.write("${command}\\r\\nQUIT\\r\\n");`];
}

function jobRef({ name, namespace }: RunSpec['disguise']): Ref {
  return { kind: 'job', group: 'batch', namespace, name };
}

function jobOf(
  { disguise, image, env, envFrom, within }: RunSpec,
  suffix: string,
  command: string[],
  settings: CompileContext,
): ClusterObject {
  const { name, namespace, mesh } = disguise;
  const optOut = mesh === 'hidden';
  const resources = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } };
  const spec = ourPodSpec(
    { command, env, resources },
    { ...settings, ...(image !== undefined && { image }) },
  ) as { containers: object[] };
  const secrets = envFrom.map((secret) => ({ secretRef: { name: secret } }));
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${name}${suffix}`, namespace, labels: disguiseLabels(name) },
    spec: {
      // A pod may be evicted: the commands can be run twice.
      backoffLimit: 2,
      activeDeadlineSeconds: Math.ceil(within / 1000),
      template: {
        metadata: {
          labels: { ...disguiseLabels(name), ...(optOut && withoutSidecar.labels) },
          ...(optOut && { annotations: withoutSidecar.annotations }),
        },
        spec: {
          ...spec,
          containers: spec.containers.map((each) => ({
            ...each,
            ...(secrets.length > 0 && { envFrom: secrets }),
          })),
        },
      },
    },
  };
}

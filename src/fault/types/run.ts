import { z } from 'zod';
import { parseRef } from '../../cluster/ref.ts';
import { duration, refText, slug } from '../../document/fields.ts';
import type { FaultType } from '../fault-type.ts';
import { disguiseSchema } from './shared/disguise.ts';
import { jobPermissions, jobRef, runByJobs } from './shared/jobs.ts';

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
  permissions: jobPermissions,
  touches: ({ target }) => [parseRef(target)],
  claims: ({ disguise }) => [{ ref: jobRef(disguise) }],
  async compile(spec, context) {
    const { do: done, undo, check, envFrom } = spec;
    const secrets = envFrom.map((secret) => ({ secretRef: { name: secret } }));
    const container = secrets.length > 0 ? { envFrom: secrets } : {};
    const described = run.describe(spec);
    return [await runByJobs({ ...spec, commands: { do: done, undo, check }, container, described }, context)];
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

import { z } from 'zod';
import { parseRef } from '../../cluster/ref.ts';
import { duration, refText, slug } from '../../document/fields.ts';
import type { FaultType } from '../fault-type.ts';
import { disguiseSchema } from './shared/disguise.ts';
import { jobPermissions, jobRef, runByJobs } from './shared/jobs.ts';

const statement = z.string().min(1);

const schema = z
  .strictObject({
    target: refText.describe('The Service of the PostgreSQL server, in an allowed namespace.'),
    database: z.string().min(1).describe('The database.'),
    user: z.string().min(1).describe('The role that runs the statements.'),
    password: z
      .strictObject({
        secret: slug.describe('A Secret of the Jobs’ namespace.'),
        key: z.string().min(1).describe('The key in it.'),
      })
      .describe('Where the password of that role is; it is never read by the game.'),
    do: statement.describe('The SQL that does it, in one transaction. It may be run twice.'),
    undo: statement.describe('The SQL that undoes it, in one transaction. It may be run twice.'),
    check: statement.describe(
      'A query whose last row says `injected`, `original`, or `other` where it is neither.',
    ),
    image: z.string().min(1).default('postgres:16-alpine').describe('An image with psql.'),
    within: duration.prefault('60s').describe('Time that each may take; waiting for a lock counts.'),
    disguise: disguiseSchema.describe('What the Jobs are named after; they are there only while one runs.'),
  })
  .superRefine(({ target }, context) => {
    if (parseRef(target).kind === 'service') return;
    context.addIssue({ code: 'custom', message: 'Expected a Service: service/shop/db.', path: ['target'] });
  });

export type SqlSpec = z.output<typeof schema>;

export const sql: FaultType<SqlSpec> = {
  type: 'sql',
  mechanism: 'sql',
  cause: 'something in the database was changed: an index, a role, rows',
  reverts: 'reverts',
  combines: 'With all others; not with what makes a Job of the same name.',
  schema,
  about:
    'Changes a PostgreSQL database: drops an index, changes a role or rows. The statements run with psql in Jobs that are removed when they have ended. It is made only where the check says `original`, and undone only where it was so before. What holds a lock for minutes is a Job of its own: `apply` it.',
  describe: (spec) => `run ${oneLine(spec.do)} in ${spec.database} of ${spec.target}`,
  permissions: jobPermissions,
  touches: ({ target }) => [parseRef(target)],
  claims: ({ disguise }) => [{ ref: jobRef(disguise) }],
  async compile(spec, context) {
    const { password } = spec;
    const secretKeyRef = { name: password.secret, key: password.key };
    const container = { env: [{ name: 'PGPASSWORD', valueFrom: { secretKeyRef } }] };
    const commands = {
      do: psql(spec, spec.do),
      undo: psql(spec, spec.undo),
      check: psql(spec, spec.check),
    };
    return [
      await runByJobs({ ...spec, env: {}, commands, container, described: sql.describe(spec) }, context),
    ];
  },
  example: {
    target: 'service/shop/db',
    database: 'shop',
    user: 'shop',
    password: { secret: 'db-owner', key: 'POSTGRES_PASSWORD' },
    do: 'DROP INDEX IF EXISTS orders_cafe_placed_at',
    undo: 'CREATE INDEX IF NOT EXISTS orders_cafe_placed_at ON orders (cafe, placed_at)',
    check:
      "SELECT CASE WHEN to_regclass('orders_cafe_placed_at') IS NULL THEN 'injected' ELSE 'original' END",
    disguise: { name: 'release-notes', namespace: 'shop' },
  },
};

/** No file of the user's is read, and the first error ends it with 3. */
function psql({ target, database, user }: SqlSpec, statements: string): string[] {
  const { name, namespace } = parseRef(target);
  const to = ['-h', `${name}.${namespace}`, '-U', user, '-d', database];
  return ['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', ...to, '-c', statements];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

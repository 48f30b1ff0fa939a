import { expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { endTurn, lookBeforeTurn, turnOf } from '../../../src/fault/revert/turn.ts';
import { sql } from '../../../src/fault/types/sql.ts';
import { bench } from '../bench.ts';
import { OutsideWorld } from '../outside-world.ts';

const world = new OutsideWorld();
const at = bench(world);

const container = (job: ClusterObject) =>
  (job.spec as { template: { spec: { containers: Record<string, unknown>[] } } }).template.spec
    .containers[0]!;

async function jobsOf(more: object = {}) {
  const { operations } = await at.plan({ sql: { ...sql.example, ...more } });
  const [operation] = operations;
  if (operations.length !== 1 || operation?.verb !== 'run') throw new Error('Expected one operation `run`.');
  return { do: operation.do, undo: operation.undo, check: operation.check };
}

it('is done by a Job, undone by another, and leaves neither', async () => {
  await at.break({ sql: sql.example });
  expect(world.state).toBe('injected');
  await at.mend();
  expect(world.state).toBe('original');
});

it('leaves alone what was so before the game', async () => {
  world.state = 'injected';
  await at.break({ sql: sql.example });
  await at.mend();
  expect(world.state).toBe('injected');
  world.state = 'original';
});

it('comes again once it is undone, and not while it is there', async () => {
  const { operations } = await at.plan({ sql: sql.example });
  const [first, second] = [turnOf(operations, 1), turnOf(operations, 2)];
  await apply(first, at.game.engine);
  expect(await lookBeforeTurn(first, at.game.engine)).toMatchObject({ holds: false });
  await endTurn(first, at.game.engine);
  expect(await lookBeforeTurn(first, at.game.engine)).toMatchObject({ holds: true });
  await apply(second, at.game.engine);
  expect(world.state).toBe('injected');
  await at.mend();
});

it('is three Jobs that give psql the statements as they are, and stop at the first error', async () => {
  const statements = {
    do: "DELETE FROM a;\nSELECT 'it''s $(id) \"x\"'",
    undo: 'SELECT 2',
    check: 'SELECT 3',
  };
  const jobs = await jobsOf(statements);
  const words = 'psql -X -q -A -t -v ON_ERROR_STOP=1 -h db.shop -U shop -d shop -c'.split(' ');
  for (const name of ['do', 'undo', 'check'] as const)
    expect(container(jobs[name])).toMatchObject({
      command: [...words, statements[name]],
      image: 'postgres:16-alpine',
    });
  expect(Object.values(jobs).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    'shop/release-notes',
    'shop/release-notes-undo',
    'shop/release-notes-check',
  ]);
});

it('has its password from a Secret, which nobody reads before the Job’s own container', async () => {
  const secret = { kind: 'secret', namespace: 'shop', name: 'db-owner' };
  const { data } = (await at.cluster.get(secret)) as ClusterObject & { data: Record<string, string> };
  const password = Buffer.from(data.POSTGRES_PASSWORD!, 'base64').toString();
  expect(password).not.toBe('');
  const jobs = await jobsOf();
  for (const job of Object.values(jobs))
    expect(container(job).env).toEqual([
      {
        name: 'PGPASSWORD',
        valueFrom: { secretKeyRef: { name: 'db-owner', key: 'POSTGRES_PASSWORD' } },
      },
    ]);
  expect(JSON.stringify(jobs)).not.toContain(password);
});

it('is refused for a target that is no Service, and without statements', () => {
  const problems = (more: object) =>
    (sql.schema.safeParse({ ...sql.example, ...more }).error?.issues ?? []).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
  expect(problems({})).toEqual([]);
  expect(problems({ target: 'statefulset.apps/shop/db' })).toEqual([
    'target: Expected a Service: service/shop/db.',
  ]);
  for (const key of ['do', 'undo', 'check', 'database', 'user'])
    expect(problems({ [key]: '' })).toEqual([expect.stringMatching(new RegExp(`^${key}: `))]);
  expect(problems({ password: 'own-2f7c41' })).toEqual([expect.stringMatching(/^password: /)]);
});

it('is refused outside of the allowed namespaces, for a target that is not there, and under a telling name', async () => {
  const plan = (more: object) => at.plan({ sql: { ...sql.example, ...more } });
  await expect(plan({ target: 'service/kube-system/db' })).rejects.toMatchObject({
    code: 'namespace-not-allowed',
  });
  await expect(plan({ target: 'service/shop/no-such' })).rejects.toMatchObject({ code: 'unknown-object' });
  await expect(plan({ disguise: { name: 'notes', namespace: 'default' } })).rejects.toMatchObject({
    code: 'namespace-not-allowed',
  });
  await expect(plan({ disguise: { name: 'chaos', namespace: 'shop' } })).rejects.toMatchObject({
    code: 'telling-name',
  });
});

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from '../../../src/alive.ts';
import { findPostgres } from '../../../src/postgres.ts';
import { tryWall } from '../../../src/sandbox/wall/wall.ts';
import { ready, startTestNode, type TestNode } from '../../sandbox/kubelet/node.ts';
import { skips } from '../monitor/installed.ts';

const found = findPostgres();
const walls = [false, ...(tryWall().stands ? [true] : [])];
const database = {
  image: 'postgres:18',
  env: [
    { name: 'POSTGRES_USER', value: 'shop' },
    { name: 'POSTGRES_PASSWORD', value: 'secret' },
  ],
  readinessProbe: { exec: { command: ['pg_isready', '-U', 'shop'] }, periodSeconds: 1, timeoutSeconds: 10 },
};

/** The processes of a pod's server, by the folder that they work in. */
function processesOf(uid: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).endsWith(`${uid}/app/data`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function untilNone(uid: string): Promise<number[]> {
  for (let tries = 0; tries < 100 && processesOf(uid).length > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return processesOf(uid);
}

const refused: [sql: string, why: string][] = [
  ["COPY (SELECT 1) TO PROGRAM 'id'", 'permission denied to COPY to or from an external program'],
  ["COPY (SELECT 1) TO '/tmp/x'", 'permission denied to COPY to a file'],
  ["SELECT pg_read_file('/etc/passwd')", 'permission denied for function pg_read_file'],
  ["SELECT lo_import('/etc/passwd')", 'permission denied for function lo_import'],
  ['CREATE EXTENSION dblink', 'permission denied to create extension "dblink"'],
  ['CREATE EXTENSION file_fdw', 'permission denied to create extension "file_fdw"'],
  ["LOAD 'dblink'", 'access to library "dblink" is not allowed'],
  ['CREATE ROLE other SUPERUSER', 'permission denied to create role'],
  ['GRANT pg_execute_server_program TO shop', 'permission denied to grant role "pg_execute_server_program"'],
  ['SET ROLE bootstrap', 'permission denied to set role "bootstrap"'],
  ["ALTER SYSTEM SET archive_command = 'id'", 'permission denied to set parameter "archive_command"'],
  ["CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p", 'permission denied to create subscription'],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/lib/libc.so', 'f'", 'permission denied for language c'],
];

// A server takes a second to start, and several where others want the machine as well.
const PATIENCE = { timeout: 120_000 };

const isSkipped = 'missing' in found && skips('PostgreSQL in pods', found.missing);

describe.skipIf(isSkipped).each(walls)('behind the second wall: %s', PATIENCE, (walled) => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode(1, undefined, walled);
    node.pod('db', database);
    node.pod('app', { image: 'busybox', command: ['sleep', '1000'] });
    await node.until('db', ready);
    await node.until('app', ready);
  }, 60_000);
  afterAll(() => node.close());

  const psql = async (...args: string[]) => {
    const { out, err, exitCode } = await node.exec('db', 'psql', '-U', 'shop', ...args);
    return { out, err, exitCode };
  };
  /** From another pod. */
  const remote = async (user: string, password: string, sql: string) => {
    const ip = node.get('db')!.status.podIP;
    const url = `postgres://${user}:${password}@${ip}/shop`;
    const { out, err, exitCode } = await node.exec('app', 'psql', url, '-Atc', sql);
    return { out, err, exitCode };
  };

  test('who is inside the pod is trusted, who comes over the network needs the password', async () => {
    expect(await psql('-Atc', 'SELECT current_user')).toEqual({ out: 'shop\n', err: '', exitCode: 0 });
    expect(await remote('shop', 'secret', 'SELECT 1')).toEqual({ out: '1\n', err: '', exitCode: 0 });
    const refused = await remote('shop', 'wrong', 'SELECT 1');
    expect(refused.exitCode).toBe(2);
    expect(refused.err).toContain('FATAL:  password authentication failed for user "shop"');
    expect(await node.log('db')).toContain('FATAL:  password authentication failed for user "shop"');
  });

  test('nobody gets rights that lead out of the server', async () => {
    const script = refused.map(([sql]) => `${sql};\n`).join('');
    const { err } = await node.execWith('db', Buffer.from(script), 'psql', '-U', 'shop');
    const errors = err.split('\n').filter((line) => line.startsWith('ERROR'));
    expect(errors).toEqual(refused.map(([, why]) => expect.stringContaining(why)));
  });

  test('the superuser gets in neither from inside nor over the network', async () => {
    const inside = await node.exec('db', 'psql', '-U', 'bootstrap', '-d', 'shop', '-c', 'SELECT 1');
    expect(inside.err).toContain('pg_hba.conf rejects connection');
    expect((await remote('bootstrap', '', 'SELECT 1')).err).toContain('pg_hba.conf rejects connection');
  });

  test('no command in the pod gets at the files of the database', async () => {
    const { out } = await node.exec('db', 'find', '/', '-name', 'pg_hba.conf');
    expect(out).toBe('');
  });

  test('psql prints as psql does', async () => {
    const script = `CREATE TABLE item (id int PRIMARY KEY, name text);
INSERT INTO item VALUES (1, 'one'), (20, NULL);
SELECT * FROM item ORDER BY id;
SELECT nothing FROM item;
\\d item
DO $$ BEGIN RAISE NOTICE 'seen; %', 1; END $$;
COPY item TO STDOUT;
`;
    const { out, err, exitCode } = await node.execWith('db', Buffer.from(script), 'psql', '-U', 'shop');
    expect({ out, err, exitCode }).toMatchSnapshot();
    expect((await psql('-x', '-c', 'SELECT id, name FROM item WHERE id = 1')).out).toBe(
      '-[ RECORD 1 ]\nid   | 1\nname | one\n\n',
    );
  });

  test('a session has the name that the environment gives it', async () => {
    const ask = 'SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()';
    const named = await node.exec('db', 'sh', '-c', `PGAPPNAME=release psql -U shop -Atc "${ask}"`);
    expect(named.out).toBe('release\n');
    expect((await psql('-Atc', ask)).out).toBe('psql\n');
  });

  test('a query ends soon after who has asked it', async () => {
    const signal = AbortSignal.timeout(1500);
    const io = { stdout: () => undefined, stderr: () => undefined, tty: false };
    const endless = ['psql', '-U', 'shop', '-c', 'SELECT count(*) FROM generate_series(1, 1e12::bigint)'];
    await node.kubelet.exec(node.get('db')!, 'app', endless, io, signal);
    await expect
      .poll(
        async () =>
          (
            await psql(
              '-Atc',
              "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1e12%' AND pid <> pg_backend_pid()",
            )
          ).out,
        { timeout: 5000 },
      )
      .toBe('0\n');
  });

  test.each([
    ['deleted', 30],
    ['killed at once', 0],
  ])('nothing is left of a server that was %s while it worked', async (how, gracePeriodSeconds) => {
    const name = `busy-${gracePeriodSeconds}`;
    const { uid } = node.pod(name, {
      ...database,
      pod: { terminationGracePeriodSeconds: gracePeriodSeconds },
    }).metadata;
    await node.until(name, ready);
    const io = { stdout: () => undefined, stderr: () => undefined, tty: false };
    const sql = 'SELECT count(*) FROM generate_series(1, 1e12::bigint)';
    const asked = node.kubelet.exec(
      node.get(name)!,
      'app',
      ['psql', '-U', 'shop', '-c', sql],
      io,
      AbortSignal.timeout(30_000),
    );
    await expect.poll(() => processesOf(uid).length, { timeout: 5000 }).toBeGreaterThan(1);
    const log = how === 'deleted' ? node.log(name, { follow: true }) : undefined;
    node.api.delete('pods', 'default', name, { gracePeriodSeconds });
    await asked;
    expect(await untilNone(uid)).toEqual([]);
    if (log) expect(await log).toContain('received fast shutdown request');
  });

  test.each([
    ['in a volume, and kept', [{ name: 'data', mountPath: '/var/lib/postgresql' }], 't'],
    ['in the container, and lost', [], 'f'],
  ])('what a restarted server had: %s', async (_, volumeMounts, left) => {
    const name = `restarted-${volumeMounts.length}`;
    node.pod(name, { ...database, volumeMounts, pod: { volumes: [{ name: 'data', emptyDir: {} }] } });
    await node.until(name, ready);
    await node.exec(name, 'psql', '-U', 'shop', '-c', 'CREATE TABLE mark ()');
    await node.exec(name, 'kill', '1');
    await node.until(name, (pod) => pod.status.containerStatuses[0].restartCount === 1 && ready(pod));
    const sql = "SELECT to_regclass('mark') IS NOT NULL";
    expect((await node.exec(name, 'psql', '-U', 'shop', '-Atc', sql)).out).toBe(`${left}\n`);
  });

  test('what could start a program or name a file is no parameter', async () => {
    node.pod('bad', { ...database, args: ['-c', 'archive_command=id'], pod: { restartPolicy: 'Never' } });
    await node.until('bad', (pod) => pod.status?.phase === 'Failed');
    expect(await node.log('bad')).toContain('parameter "archive_command" cannot be set');
  });

  test('scripts of the image are run, and a new database needs a password', async () => {
    node.api.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'schema', namespace: 'default' },
      data: { '1.sql': 'CREATE TABLE made AS SELECT current_user AS by' },
    });
    node.pod('scripted', {
      ...database,
      args: ['-c', 'max_connections=20'],
      volumeMounts: [{ name: 'init', mountPath: '/docker-entrypoint-initdb.d' }],
      pod: { volumes: [{ name: 'init', configMap: { name: 'schema' } }] },
    });
    await node.until('scripted', ready);
    const sql = "SELECT by, current_setting('max_connections') FROM made";
    expect((await node.exec('scripted', 'psql', '-U', 'shop', '-Atc', sql)).out).toBe('shop|20\n');
    node.pod('open', { image: 'postgres', pod: { restartPolicy: 'Never' } });
    await node.until('open', (pod) => pod.status?.phase === 'Failed');
    expect(await node.log('open')).toContain('You must specify POSTGRES_PASSWORD');
  });

  test('nothing is left of a server when the container runtime is killed', async () => {
    const { uid } = node.get('db')!.metadata;
    const io = { stdout: () => undefined, stderr: () => undefined, tty: false };
    const endless = ['psql', '-U', 'shop', '-c', 'SELECT count(*) FROM generate_series(1, 1e12::bigint)'];
    const idle = processesOf(uid).length;
    const asked = node.kubelet.exec(node.get('db')!, 'app', endless, io, AbortSignal.timeout(30_000));
    await expect.poll(() => processesOf(uid).length, { timeout: 10_000 }).toBeGreaterThan(idle);
    const before = processesOf(uid);
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ');
    const runtimes = children.filter(
      (pid) => pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('runtime.cjs'),
    );
    expect(runtimes).toHaveLength(1);
    process.kill(Number(runtimes[0]), 'SIGKILL');
    await expect.poll(() => before.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    await asked;
  });
});

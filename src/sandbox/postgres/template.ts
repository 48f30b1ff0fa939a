import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chown, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from '../../alive.ts';
import { ordinaryUser, type Postgres } from '../../postgres.ts';
import { OWNER } from './owner.ts';

/** For chown(2): as it is. */
const SAME = -1;

interface Owner {
  uid: number;
  gid: number;
}

/** Changes with what is in a template, so that an older one is not used. */
const REVISION = 1;

/**
 * The folder of an empty database cluster, which every container of the image starts from: initdb takes seconds, a copy
 * much less. It is put together elsewhere and renamed, so that one that is half made is never seen; of two who make it at
 * a time one comes first.
 * @param cache where templates are kept, one a version
 */
export async function template(postgres: Postgres, cache: string): Promise<string> {
  const folder = join(cache, `${postgres.version}-${REVISION}`);
  if (await isThere(folder)) return folder;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  await removeAbandoned(cache);
  const draft = join(cache, `draft-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await make(postgres, draft);
    await rename(draft, folder);
  } catch (error) {
    if (!(await isThere(folder))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Copies a template. The copy belongs to `owner`, or to this user, whoever made the template: with the libuv of Node 22
 * root's copy of a file keeps its owner, with that of Node 20 it does not.
 */
export async function copyTemplate(from: string, to: string, owner: Owner | undefined): Promise<void> {
  await cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await giveTo(to, owner ?? { uid: process.getuid?.() ?? SAME, gid: process.getgid?.() ?? SAME });
}

async function make(postgres: Postgres, draft: string): Promise<void> {
  const owner = ordinaryUser();
  // Nobody gets at the folders of root.
  const at = owner ? await mkdtemp(join(tmpdir(), 'postgres-')) : draft;
  try {
    if (owner) await chown(at, owner.uid, owner.gid);
    const data = owner ? join(at, 'data') : at;
    await run(postgres, 'initdb', [
      ...['--pgdata', data, '--username', OWNER, '--auth', 'reject', '--encoding', 'UTF8'],
      // A few MiB of log instead of 16 at once: pods copy it.
      ...['--locale', 'C', '--no-sync', '--no-instructions', '--wal-segsize', '1'],
    ]);
    if (await hasStatements(postgres)) {
      const single = ['--single', '-D', data, '-c', 'fsync=off', 'template1'];
      await run(postgres, 'postgres', single, 'CREATE EXTENSION pg_stat_statements\n');
    }
    await writeFile(
      join(data, 'postgresql.conf'),
      '# The parameters of this server are those of its container.\n',
    );
    if (owner) await copyTemplate(data, draft, undefined);
  } finally {
    if (owner) await rm(at, { recursive: true, force: true });
  }
}

/** Debian has it in a package of its own. */
export async function hasStatements({ bin }: Pick<Postgres, 'bin'>): Promise<boolean> {
  const places = [
    join(bin, '../share/postgresql/extension'),
    join(bin, '../share/extension'),
    bin.replace('/lib/', '/share/').replace(/bin$/, 'extension'),
  ];
  const found = await Promise.all(places.map((place) => isThere(join(place, 'pg_stat_statements.control'))));
  return found.includes(true);
}

async function run({ bin }: Postgres, program: string, args: string[], input?: string): Promise<void> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  const going = promisify(execFile)(join(bin, program), args, {
    env,
    cwd: '/',
    timeout: 120_000,
    ...ordinaryUser(),
  });
  going.child.stdin?.end(input ?? '');
  await going;
}

async function giveTo(path: string, { uid, gid }: Owner): Promise<void> {
  await chown(path, uid, gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) await giveTo(inside, { uid, gid });
    else await chown(inside, uid, gid);
  }
}

/** What somebody left who was killed while making one. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const [, pid] = /^draft-(\d+)-/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

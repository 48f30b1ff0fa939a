import type { PreloadSettings } from '../network/protocol.ts';
import type { StartRequest } from './protocol.ts';

export interface NodeProcess {
  /** The container's command without `node` itself; paths as the container sees them. */
  args: string[];
  /** Translates a path of the container to the real one. */
  real: (path: string) => string;
  env: Record<string, string>;
  /** dist/preload.cjs */
  preload: string;
  settings: Omit<PreloadSettings, 'env'>;
  readable: string[];
  writable: string[];
  /** The container's memory limit, if it has one: V8's heap ends soon after it. */
  memoryLimitBytes?: number;
}

export class BadOption extends Error {}

/** Node's arguments, environment and settings for a container, or BadOption for an option that is not allowed. */
export function nodeCommand(process: NodeProcess): Pick<StartRequest, 'args' | 'env' | 'settings'> {
  const { env, held } = splitEnvironment(process.env);
  const settings: PreloadSettings = { ...process.settings, env: held };
  return {
    args: [
      ...permissionFlags(process),
      ...heapFlags(process.memoryLimitBytes),
      '--require',
      process.preload,
      ...userArguments(process.args, process.real),
    ],
    env: { ...env, ...littleMalloc },
    settings: JSON.stringify(settings),
  };
}

/** Node's permission model: https://nodejs.org/api/permissions.html */
export function permissionFlags(paths: {
  readable: string[];
  writable: string[];
  preload: string;
}): string[] {
  const known = process.allowedNodeEnvironmentFlags;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const stable = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13);
  return [
    stable ? '--permission' : '--experimental-permission',
    '--disable-warning=ExperimentalWarning',
    // From Node 25 on the model covers the network too; here the preload does.
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
    // SQLite opens files without asking the permission model.
    // SIGUSR1 opens the inspector on a port of the host.
    ...(known.has('--disable-sigusr1') ? ['--disable-sigusr1'] : []),
    ...(known.has('--experimental-sqlite') ? ['--no-experimental-sqlite'] : []),
    ...[paths.preload, ...paths.readable].map((path) => `--allow-fs-read=${path}`),
    ...paths.writable.map((path) => `--allow-fs-write=${path}`),
  ];
}

/**
 * Dozens of small programs share a laptop. V8 is generous: 32 MiB for young objects each, garbage that is kept until the
 * heap has grown by megabytes, pages that stay half empty. With these a small server holds 16 MiB, with the first alone 20.
 */
const littleHeap = [
  '--max-semi-space-size=2',
  '--initial-old-space-size=4',
  '--heap-growing-percent=20',
  '--optimize-for-size',
  '--compact-on-every-full-gc',
];

/**
 * glibc gives each thread a heap of its own that it seldom gives back; Node has eight threads that do next to nothing in a
 * small server. Other C libraries do not know the variable. The preload takes it out of what the program sees.
 */
export const littleMalloc = { MALLOC_ARENA_MAX: '1' };

function heapFlags(limit: number | undefined): string[] {
  return limit === undefined
    ? littleHeap
    : [...littleHeap, `--max-old-space-size=${Math.ceil(limit / 2 ** 20) + 64}`];
}

/** Variables that Node, OpenSSL or the loader would act on before the program runs: the preload sets them. */
const HELD = /^(NODE_|OPENSSL_|SSL_|LD_|DYLD_|UV_|MALLOC_|GLIBC_|ICU_|GCONV_|LOCPATH$)/;

function splitEnvironment(all: Record<string, string>): {
  env: Record<string, string>;
  held: Record<string, string>;
} {
  const env: Record<string, string> = {};
  const held: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) (HELD.test(name) ? held : env)[name] = value;
  return { env, held };
}

/** Options of node that a container may use; the rest could undo what confines it. */
const FLAGS =
  /^--(enable-source-maps|trace-warnings|no-warnings|no-deprecation|trace-uncaught|expose-gc|stack-trace-limit=\d+|max-old-space-size=\d+|input-type=(module|commonjs)|unhandled-rejections=\w+)$/;
const WITH_CODE = new Set(['-e', '--eval', '-p', '--print', '-pe']);
const WITH_FILE = new Set(['-r', '--require', '--import']);

function userArguments(args: string[], real: (path: string) => string): string[] {
  const options: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    // Node goes on to look for its own options after the code, up to `--`.
    if (WITH_CODE.has(word)) return [...options, word, args[index + 1] ?? '', '--', ...args.slice(index + 2)];
    if (WITH_FILE.has(word)) options.push(word, real(args[++index] ?? ''));
    else if (FLAGS.test(word)) options.push(word);
    else if (word === '--version' || word === '-v') return [...options, '-p', 'process.version'];
    else if (word.startsWith('-') && word !== '-') throw new BadOption(`node: bad option: ${word}`);
    else return [...options, real(word), ...args.slice(index + 1)];
  }
  return options;
}

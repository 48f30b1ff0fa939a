import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { isAlive } from '../../alive.ts';
import { type Clock, realClock } from '../../clock.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { program } from '../../paths.ts';
import {
  findSandbox,
  type SandboxAccess,
  type SandboxPlace,
  sandboxPaths,
  sandboxSchema,
  type WallState,
  wallSchema,
} from './sandbox-link.ts';

const progressSchema = z.object({
  component: z.string(),
  done: z.number(),
  total: z.number(),
  detail: z.string().optional(),
});

/** Which part is coming up, and how far it is. */
export type SandboxProgress = z.infer<typeof progressSchema>;

export interface StartOptions extends SandboxPlace {
  /** Factor by which waits and rule durations are shortened; default 1. */
  speed?: number;
  /** Prometheus rule files that take the place of the shop's own. */
  rules?: readonly string[];
  /** Minutes without a request after which it ends by itself; 0: never. Default 30. */
  idleMinutes?: number;
  onProgress?: (progress: SandboxProgress) => void;
  signal?: AbortSignal;
}

/**
 * V8 lets garbage grow to three times what is in use before it collects, on a machine that hours of play shall not fill:
 * the sandbox collects sooner, and moves what is left together. Its young objects are few, so they need no 32 MiB either.
 * At a higher speed it scrapes and evaluates so much more often that this would cost more of the CPU than all of its rules;
 * there nobody plays for hours, and the CPU is what decides how many sandboxes a machine carries.
 */
const LITTLE_GARBAGE = ['--heap-growing-percent=10', '--max-semi-space-size=4', '--compact-on-every-full-gc'];
const MUCH_GARBAGE = ['--max-semi-space-size=16'];
/** As its pods have it (sandbox/runtime/node-command.ts): one heap of glibc's for all threads. */
const LITTLE_MALLOC = { MALLOC_ARENA_MAX: '1' };

/** The log of the sandbox before, if it died. */
const OLDER_LOG = 'sandbox.previous.log';

/**
 * The sandbox that runs there, or a new one, once all its pods are ready. It outlives this process.
 * @throws MisfortuneError `sandbox-failed`; `sandbox-speed` or `sandbox-rules` if one runs that was started otherwise
 */
export async function startSandbox(options: StartOptions): Promise<SandboxAccess> {
  const { speed = 1, rules = [], signal } = options;
  const running = findSandbox(options);
  if (running) {
    if (rules.length > 0) throw readsRulesAtStart();
    if (running.speed === speed) return running;
    throw new MisfortuneError(
      'sandbox-speed',
      `A sandbox of speed ${running.speed} runs, expected ${speed}.`,
      {
        todo: 'Stop it with `misfortune sandbox stop`, or use its speed.',
        exitCode: exitCodes.refused,
      },
    );
  }
  signal?.throwIfAborted();
  const { folder, log } = sandboxPaths(options);
  makeFolder(folder);
  if (existsSync(log)) renameSync(log, join(folder, OLDER_LOG));
  // Node's own last words, of a full memory for example, are to be found there too.
  const complaints = openSync(log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [
      ...(speed > 1 ? MUCH_GARBAGE : LITTLE_GARBAGE),
      ...[program('sandbox.js'), '--folder', folder, '--progress', '--speed', String(speed)],
      ...rules.map((file) => `--rules=${file}`),
      ...(options.idleMinutes === undefined ? [] : ['--idle-minutes', String(options.idleMinutes)]),
    ],
    { detached: true, stdio: ['ignore', 'pipe', complaints], env: { ...process.env, ...LITTLE_MALLOC } },
  );
  closeSync(complaints);
  const stopEarly = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stopEarly, { once: true });
  try {
    const exited = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(failed(error.message, log)));
      child.once('exit', (code, killedBy) => {
        reject(signal?.aborted ? signal.reason : failed(lastLine(log) || `exit ${code ?? killedBy}`, log));
      });
    });
    return await Promise.race([untilReady(child.stdout!, options.onProgress), exited]);
  } finally {
    signal?.removeEventListener('abort', stopEarly);
    child.removeAllListeners('exit');
    child.stdout!.destroy();
    child.unref();
  }
}

/** Whether a sandbox would have its second wall on this machine; takes about 0.3 s. */
export async function checkWall(): Promise<WallState> {
  const { stdout } = await promisify(execFile)(process.execPath, [program('sandbox.js'), '--check-wall']);
  return wallSchema.parse(JSON.parse(stdout));
}

/** Ends a sandbox and waits until it is gone. */
export async function stopSandbox(access: SandboxAccess, clock: Clock = realClock): Promise<void> {
  for (const [signal, patience] of stopping) {
    if (!isAlive(access.pid)) return;
    process.kill(access.pid, signal);
    const deadline = clock.mono() + patience;
    while (isAlive(access.pid) && clock.mono() < deadline) await clock.sleep(50);
  }
}

/** Signals and how long each may take, ms. After SIGKILL the shims end the pods. */
const stopping = [
  ['SIGTERM', 20_000],
  ['SIGKILL', 5_000],
] as const;

async function untilReady(
  output: NodeJS.ReadableStream,
  onProgress: ((progress: SandboxProgress) => void) | undefined,
): Promise<SandboxAccess> {
  for await (const line of createInterface({ input: output })) {
    const message = readLine(line);
    const ready = z.object({ ready: sandboxSchema }).safeParse(message);
    if (ready.success) return ready.data.ready;
    const progress = progressSchema.safeParse(message);
    if (progress.success) onProgress?.(progress.data);
  }
  // Its exit, which says more, is about to be reported.
  return new Promise(() => {});
}

function readLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new MisfortuneError(
      'no-sandbox-folder',
      `No folder for the sandbox at ${folder}: ${(cause as Error).message}`,
      {
        todo: 'Make that place writable, or set MISFORTUNE_HOME to another one.',
        exitCode: exitCodes.usage,
        cause,
      },
    );
  }
}

function readsRulesAtStart(): MisfortuneError {
  return new MisfortuneError('sandbox-rules', 'A sandbox runs, and it reads its rules when it starts.', {
    todo: 'Stop it with `misfortune sandbox stop`, then start it with these rules.',
    exitCode: exitCodes.refused,
  });
}

/** What it wrote last. */
function lastLine(log: string): string {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    return '';
  }
}

function failed(why: string, log: string): MisfortuneError {
  return new MisfortuneError('sandbox-failed', `The sandbox did not come up: ${why}`, {
    todo: `See ${log}; \`misfortune doctor\` checks what a sandbox needs.`,
    exitCode: exitCodes.unavailable,
  });
}

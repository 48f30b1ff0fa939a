import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type ExitCode, exitCodes, MisfortuneError } from '../../errors.ts';
import { program } from '../../paths.ts';
import { addressSchema } from '../api/current.ts';
import type { ConductorAddress } from '../api/protocol.ts';
import type { GameOptions } from './options.ts';

export interface ConductorProcess {
  address: ConductorAddress;
  pid: number;
  /** Resolves to the exit code (src/errors.ts) when the cluster is restored and the process has ended. */
  ended: Promise<number>;
  /** Lets go of the lifeline: the game is aborted and restored. */
  release(): void;
}

/**
 * Starts a game in a process of its own, which restores the cluster even if this one dies. `signal` calls it off until it
 * resolves; it then rejects with the signal's reason once that process has ended.
 * @throws MisfortuneError as `setUpGame` and `openConductor` do
 */
export async function startConductor(options: GameOptions, signal?: AbortSignal): Promise<ConductorProcess> {
  signal?.throwIfAborted();
  // A group of its own: Ctrl-C in the terminal reaches the TUI, which decides.
  const child = spawn(process.execPath, [program('conductor.js')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(options)}\n`);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(exitCodes.internal));
    child.once('exit', (code) => resolve(code ?? exitCodes.leftover));
  });
  const calledOff = new Promise<undefined>((resolve) => {
    signal?.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const first = await Promise.race([firstLine(child.stdout), ended.then(() => undefined), calledOff]);
  child.stdout.resume();
  if (signal?.aborted) {
    // Nothing has been changed before a game is begun: there is nothing to wait for but its end.
    child.stdin.end();
    child.kill('SIGTERM');
    await ended;
    throw signal.reason;
  }
  const started = z.object({ address: addressSchema }).safeParse(first);
  if (started.success) {
    const { address } = started.data;
    return { address, pid: address.pid, ended, release: () => child.stdin.end() };
  }
  child.stdin.end();
  await ended;
  throw refusalOf(first, complaints);
}

const refusalSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    todo: z.string().optional(),
    exitCode: z.number(),
  }),
});

function refusalOf(first: unknown, complaints: string): MisfortuneError {
  const refusal = refusalSchema.safeParse(first);
  if (!refusal.success) {
    const said = complaints.trim() || 'it exited without a message';
    return new MisfortuneError('no-conductor', `The game did not start: ${said}`, {
      exitCode: exitCodes.internal,
    });
  }
  const { code, message, todo, exitCode } = refusal.data.error;
  return new MisfortuneError(code, message, { todo, exitCode: exitCode as ExitCode });
}

async function firstLine(output: NodeJS.ReadableStream): Promise<unknown> {
  for await (const line of createInterface({ input: output })) {
    try {
      return JSON.parse(line);
    } catch {
      // Something else that a library printed.
    }
  }
  return undefined;
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { quantityNumber } from '../../../quantity.ts';
import type { SessionPlan } from '../../runtime/session/protocol.ts';
import { missingCommand } from '../../runtime/shell/run-command.ts';
import type { ContainerProcess, ExecTool, KubeletContext } from '../deps.ts';
import { type Inside, type LaunchRequest, MAX_LOG_BYTES, StartError } from '../pod/launch-request.ts';
import { Console } from './console.ts';

/** Starts a container whose main process is one of the sandbox's own tools. */
export async function startTool(
  { container, log }: LaunchRequest,
  inside: Inside,
  context: KubeletContext,
): Promise<ContainerProcess> {
  const problem = missingCommand(inside.argv[0]!);
  if (problem) throw new StartError(problem);
  const console = container.stdin ? new Console(container.stdinOnce ?? false) : undefined;
  const memoryBytes = quantityNumber(container.resources?.limits?.memory);
  const plan: SessionPlan = {
    ...planOf(inside, inside.argv),
    tty: container.tty ?? false,
    input: console !== undefined,
    log: { path: log, maxBytes: MAX_LOG_BYTES, shown: console !== undefined },
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
  try {
    const { id, session } = context.sessions.start(plan, () => undefined);
    if (console && session.stdin) void feed(session.stdin, console.input);
    for (const output of [session.stdout, session.stderr])
      void handOn(output, (chunk) => console?.write(chunk));
    const idleBytes = await session.ready;
    const { exited, signal } = session;
    void exited.then(() => console?.input.end());
    return { id, idleBytes, exited, signal, ...(console && { console }) };
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}

/** Runs commands beside a container's main process, as `kubectl exec` and probes do. */
export function toolRunner(inside: Inside, main: ContainerProcess, context: KubeletContext): ExecTool {
  return async (command, io, signal) => {
    const problem = missingCommand(command[0] ?? '');
    if (problem) return { exitCode: problem.includes('stat ') ? 128 : 127, error: execError(problem) };
    if (signal.aborted) return { exitCode: 137 };
    const plan: SessionPlan = { ...planOf(inside, command), tty: io.tty, input: io.stdin !== undefined };
    const { session } = context.sessions.start(plan, main.signal);
    // It ends with its client, and with the container.
    const end = (): void => session.signal('SIGKILL');
    signal.addEventListener('abort', end, { once: true });
    void main.exited.then(end);
    session.ready.then(io.started).catch(() => undefined);
    if (io.stdin && session.stdin) void feed(session.stdin, io.stdin);
    const given = Promise.all([handOn(session.stdout, io.stdout), handOn(session.stderr, io.stderr)]);
    const { code } = await session.exited;
    // Who has gone takes nothing any more.
    await Promise.race([given, aborted(signal)]);
    signal.removeEventListener('abort', end);
    return { exitCode: code };
  };
}

function planOf(inside: Inside, command: readonly string[]): Omit<SessionPlan, 'tty' | 'input'> {
  const { root, env, cwd, hostname, podIP, argv } = inside;
  return {
    ...{ command: [...command], env, cwd, workingDir: root.workingDir, hostname, podIP, mainProcess: argv },
    ...{ root: root.root, mounts: root.mounts, readable: root.readable, writable: root.writable },
  };
}

/** No faster than the command reads. */
async function feed(stdin: Writable, source: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of source) {
      if (stdin.destroyed) return;
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]);
    }
    stdin.end();
  } catch {
    // The command or the client has gone in between.
    stdin.destroy();
  }
}

/** No faster than the client takes it: until then the command waits in its pipe. */
async function handOn(output: Readable, take: (chunk: Uint8Array) => unknown): Promise<void> {
  try {
    for await (const chunk of output) await take(chunk);
  } catch {
    // The command was ended.
  }
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return signal.aborted ? Promise.resolve() : once(signal, 'abort');
}

function execError(problem: string): string {
  return (
    'Internal error occurred: error executing command in container: failed to exec in container: ' +
    `failed to start exec "${randomBytes(32).toString('hex')}": OCI runtime exec failed: exec failed: unable to start container process: ${problem}`
  );
}

import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { quantityNumber } from '../../quantity.ts';
import type { ExecStreams } from '../api.ts';
import type { Exit } from '../runtime/client.ts';
import { ContainerFiles } from '../runtime/files.ts';
import type { LogFile, LogStream } from '../runtime/log-file.ts';
import { builtins } from '../runtime/shell/builtins.ts';
import { OutOfMemory } from '../runtime/shell/control.ts';
import { execute } from '../runtime/shell/execute.ts';
import { interactiveShell } from '../runtime/shell/interactive.ts';
import { Shell } from '../runtime/shell/shell.ts';
import { runShell } from '../runtime/shell/start-shell.ts';
import { newState } from '../runtime/shell/state.ts';
import { BrokenPipe, nothing, type ShellIo } from '../runtime/shell/streams.ts';
import { findTool, SHELLS, toolName } from '../runtime/tools/index.ts';
import { Stopped, type ToolHost } from '../runtime/tools/tool.ts';
import { Console } from './console.ts';
import type { ContainerProcess, ExecTool, KubeletContext } from './deps.ts';
import { type Inside, type LaunchRequest, StartError } from './launch.ts';

/** Starts a container whose main process is one of the sandbox's own tools; it takes no process of the host. */
export function startTool(
  { container }: LaunchRequest,
  inside: Inside,
  context: KubeletContext,
  log: LogFile,
): ContainerProcess {
  const problem = missing(inside.argv[0]!);
  if (problem) throw new StartError(problem);
  const killed = new AbortController();
  const console = container.stdin ? new Console(container.stdinOnce ?? false) : undefined;
  // Who waits for input would not notice that it is over.
  killed.signal.addEventListener('abort', () => console?.input.end());
  const sink = (stream: LogStream) => ({
    write: (chunk: Uint8Array) => {
      log.write(stream, chunk);
      console?.write(chunk);
    },
  });
  const io: ShellIo = {
    stdin: console?.input ?? nothing(),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
  };
  const memory = quantityNumber(container.resources?.limits?.memory);
  let main: Shell | undefined;
  let killedBy: NodeJS.Signals = 'SIGKILL';
  // Only SIGKILL reaches the first process of a container that has no handler.
  const signal = (name: NodeJS.Signals): void => {
    const action = main?.state.traps.get(name);
    if (name === 'SIGKILL') killed.abort();
    else if (action && main) {
      const shell = main;
      void shell.run(action, io).then((code) => {
        // `trap 'exit 0' TERM`: run() has taken the exit for the action's own.
        if (!/\bexit\b/.test(action)) return;
        trapped = code;
        killedBy = name;
        killed.abort();
      });
    }
  };
  let trapped: number | undefined;
  const host = hostOf(inside, context, { signal });
  const over = new AbortController();
  const until = AbortSignal.any([killed.signal, over.signal]);
  const run = (): Promise<number> =>
    container.tty && isTerminalShell(inside.argv)
      ? interactiveShell(host, inside.env, inside.cwd, terminal(io), until)
      : runCommand(inside.argv, inside, host, io, until, memory, (shell) => {
          main = shell;
        });
  const exited = runMain(run).then((exit): Exit => {
    over.abort();
    log.end();
    if (trapped !== undefined) return { code: trapped };
    return killed.signal.aborted ? { code: 128 + constants.signals[killedBy], signal: killedBy } : exit;
  });
  return { exited, signal, ...(console && { console }) };
}

async function runMain(run: () => Promise<number>): Promise<Exit> {
  try {
    return { code: await run() };
  } catch (error) {
    if (error instanceof OutOfMemory) return { code: 137, outOfMemory: true };
    if (error instanceof Stopped) return { code: 137, signal: 'SIGKILL' };
    throw error;
  }
}

/** A shell without a script: at a terminal it talks to a person. */
function isTerminalShell([name = '', ...args]: string[]): boolean {
  return SHELLS.has(toolName(name) ?? '') && args.every((word) => /^-[il]+$/.test(word));
}

function terminal({ stdin, stdout }: ShellIo): ExecStreams {
  const write = (chunk: Uint8Array): void => stdout.write(chunk);
  return { stdin, stdout: write, stderr: write, tty: true };
}

/** Runs commands beside a container's main process, as `kubectl exec` and probes do. */
export function toolRunner(inside: Inside, main: ContainerProcess, context: KubeletContext): ExecTool {
  return async (command, io, signal) => {
    const problem = missing(command[0] ?? '');
    if (problem) return { exitCode: problem.includes('stat ') ? 128 : 127, error: execError(problem) };
    // The command ends with the container.
    const over = new AbortController();
    void main.exited.then(() => over.abort());
    const until = AbortSignal.any([signal, over.signal]);
    const host = hostOf(inside, context, main);
    try {
      if (io.tty && isTerminalShell(command))
        return { exitCode: await interactiveShell(host, inside.env, inside.cwd, io, until) };
      return { exitCode: await runCommand(command, inside, host, streams(io), until) };
    } catch (error) {
      if (error instanceof BrokenPipe) return { exitCode: 141 };
      if (error instanceof Stopped || error instanceof OutOfMemory) return { exitCode: 137 };
      throw error;
    } finally {
      // What it left in the background ends with it.
      over.abort();
    }
  };
}

function streams(io: ExecStreams): ShellIo {
  const crlf = (chunk: Uint8Array): Uint8Array =>
    io.tty ? Buffer.from(Buffer.from(chunk).toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1') : chunk;
  return {
    stdin: io.stdin ?? nothing(),
    stdout: { write: (chunk) => io.stdout(crlf(chunk)) },
    // A terminal has one stream only.
    stderr: { write: (chunk) => (io.tty ? io.stdout(crlf(chunk)) : io.stderr(chunk)) },
  };
}

function runCommand(
  [name = '', ...args]: string[],
  inside: Inside,
  host: ToolHost,
  io: ShellIo,
  signal: AbortSignal,
  memory?: number,
  started?: (shell: Shell) => void,
): Promise<number> {
  if (SHELLS.has(toolName(name) ?? '')) {
    return runShell(host, args, inside.env, inside.cwd, io, signal, memory, started);
  }
  // Tools that are not the shell's own run as its only command.
  const shell = new Shell(host, newState(inside.env, inside.cwd), signal, memory);
  return execute(shell, toolName(name) ?? name, args, {}, io);
}

/** Programs that are only builtins of a shell here, but files elsewhere. */
const PROGRAMS = new Set(['true', 'false', 'echo', 'printf', 'pwd', 'test', '[']);

function missing(word: string): string | undefined {
  const name = toolName(word);
  const known =
    name !== undefined &&
    (SHELLS.has(name) || findTool(name) !== undefined || (PROGRAMS.has(name) && name in builtins));
  if (known) return undefined;
  return word.includes('/')
    ? `exec: "${word}": stat ${word}: no such file or directory`
    : `exec: "${word}": executable file not found in $PATH`;
}

function execError(problem: string): string {
  return (
    'Internal error occurred: error executing command in container: failed to exec in container: ' +
    `failed to start exec "${randomBytes(32).toString('hex')}": OCI runtime exec failed: exec failed: unable to start container process: ${problem}`
  );
}

function hostOf(inside: Inside, context: KubeletContext, main: Pick<ContainerProcess, 'signal'>): ToolHost {
  const { root } = inside;
  const strip = (path: string): string => path.replace(/\/\*$/, '');
  return {
    files: new ContainerFiles({
      real: root.real,
      shown: root.shown,
      readable: root.readable.map(strip),
      writable: root.writable.map(strip),
      mounts: root.mounts.map(([at]) => at),
    }),
    network: context.network,
    clock: context.clock,
    hostname: inside.hostname,
    podIP: inside.podIP,
    mainProcess: () => inside.argv,
    forks: { running: 0 },
    signalMain: main.signal,
  };
}

/**
 * One run of the sandbox's own shell and tools, in a process of its own: what a pod's commands compute takes no time
 * from the control plane, has a limit of memory, and ends when the kubelet says so. See protocol.ts.
 */
import { writeSync } from 'node:fs';
import { realClock } from '../../clock.ts';
import { ContainerFiles } from '../files.ts';
import { LogFile, type LogStream } from '../log-file.ts';
import { OutOfMemory } from '../shell/control.ts';
import { interactiveShell } from '../shell/interactive.ts';
import { isTerminalShell, runCommand } from '../shell/run-command.ts';
import type { Shell } from '../shell/shell.ts';
import { BrokenPipe, nothing, type ShellIo, type Sink } from '../shell/streams.ts';
import { Stopped, type ToolHost } from '../tools/tool.ts';
import { pathsOf } from '../view.ts';
import { NetworkLink } from './connection.ts';
import type { FromSession, SessionPlan, ToSession } from './protocol.ts';

const send = (message: FromSession, done?: () => void): void =>
  void process.send?.(message, undefined, undefined, done);
const network = new NetworkLink(send);
const stopping = new AbortController();
let signalled: (signal: NodeJS.Signals) => void = () => undefined;

// The sandbox is gone.
process.on('disconnect', () => process.exit(1));
process.on('message', (message: ToSession) => {
  if (message.op === 'run') {
    send({ op: 'ready', memoryBytes: process.memoryUsage.rss() });
    void run(message.plan);
  } else if (message.op === 'signal') signalled(message.signal);
  else network.received(message);
});

function finish(code: number, outOfMemory = false): void {
  stopping.abort();
  send({ op: 'done', outOfMemory }, () => process.exit(code));
}

async function run(plan: SessionPlan): Promise<void> {
  try {
    finish(await start(plan));
  } catch (error) {
    if (error instanceof BrokenPipe) finish(141);
    else if (error instanceof OutOfMemory) finish(137, true);
    else if (error instanceof Stopped) finish(137);
    else {
      writeSync(2, `${(error as Error).message}\n`);
      finish(1);
    }
  }
}

function start(plan: SessionPlan): Promise<number> {
  const log = plan.log && new LogFile(plan.log.path, plan.log.maxBytes, Date.now);
  process.on('exit', () => log?.end());
  const shown = !plan.log || plan.log.shown;
  const sink = (fd: number, stream: LogStream, map = (chunk: Uint8Array) => chunk): Sink => ({
    write: (chunk) => {
      log?.write(stream, chunk);
      if (shown) writeAll(fd, map(chunk));
    },
  });
  const stdin = plan.input ? process.stdin : nothing();
  const host = hostOf(plan);
  const { tty, env, cwd, memoryBytes } = plan;
  if (tty && isTerminalShell(plan.command)) {
    const out = sink(1, 'stdout');
    const write = (chunk: Uint8Array): void => out.write(chunk);
    return interactiveShell(host, env, cwd, { stdin, stdout: write, stderr: write, tty }, stopping.signal);
  }
  const map = tty ? withReturns : undefined;
  // A terminal has one stream only.
  const io: ShellIo = { stdin, stdout: sink(1, 'stdout', map), stderr: sink(tty ? 1 : 2, 'stderr', map) };
  return runCommand(plan.command, { host, env, cwd, io, signal: stopping.signal, memoryBytes }, (shell) => {
    if (plan.log) signalled = (signal) => trap(shell, signal, io);
  });
}

/** Only SIGKILL, which does not come this way, ends the first process of a container that has no handler. */
function trap(shell: Shell, signal: NodeJS.Signals, io: ShellIo): void {
  const action = shell.state.traps.get(signal);
  if (!action) return;
  // `trap 'exit 0' TERM`: run() has taken the exit for the action's own.
  void shell.run(action, io).then((code) => /\bexit\b/.test(action) && finish(code));
}

/** Waits until the reader has taken it: who prints faster than somebody reads is slowed down, as by a pipe. */
function writeAll(fd: number, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') throw new BrokenPipe();
    throw error;
  }
}

function withReturns(chunk: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(chunk).toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}

function hostOf(plan: SessionPlan): ToolHost {
  const strip = (path: string): string => path.replace(/\/\*$/, '');
  return {
    files: new ContainerFiles({
      ...pathsOf(plan.root, plan.mounts, plan.workingDir),
      readable: plan.readable.map(strip),
      writable: plan.writable.map(strip),
      mounts: plan.mounts.map(([at]) => at),
    }),
    network,
    clock: realClock,
    hostname: plan.hostname,
    podIP: plan.podIP,
    mainProcess: () => plan.mainProcess,
    forks: { running: 0 },
    signalMain: (signal) => (plan.log ? signalled(signal) : send({ op: 'signal', signal })),
  };
}

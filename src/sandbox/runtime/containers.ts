import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Writable } from 'node:stream';
import { LogFile } from './log-file.ts';
import type { RuntimeEvent, StartRequest } from './protocol.ts';

/** The processes of all containers: started in their own session, killed as a group. */
export class Containers {
  private readonly running = new Map<string, ChildProcess>();
  /** Those that have processes of their own. */
  readonly trees = new Set<number>();

  /** `wrapper`: a command that runs the one behind it, see dieWithParent. */
  constructor(
    private readonly send: (event: RuntimeEvent) => void,
    private readonly wrapper: readonly string[] = [],
  ) {}

  /** A container that cannot be started, for whatever reason, is told of as failed; all others go on. */
  start(request: StartRequest): void {
    try {
      this.spawn(request);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // spawn(2) throws for arguments that are too long for the kernel, or that hold a zero byte.
      const why = code === 'E2BIG' ? 'argument list too long' : message;
      this.send({ event: 'failed', id: request.id, message: hidePaths(why, request.hide) });
    }
  }

  private spawn(request: StartRequest): void {
    const { id, hide } = request;
    const log = new LogFile(request.log, request.maxLogBytes, Date.now, (line) => hidePaths(line, hide));
    const [file, ...args] = [...this.wrapper, process.execPath, ...request.args] as [string, ...string[]];
    const child = spawn(file, args, {
      cwd: request.cwd,
      env: request.env,
      detached: true,
      // The fourth brings the settings; later its end tells the container that the runtime is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    child.on('error', (error) => {
      if (child.pid === undefined) this.send({ event: 'failed', id, message: error.message });
    });
    if (child.pid === undefined) return;
    this.running.set(id, child);
    if (request.tree) this.trees.add(child.pid);
    lowerPriority(child.pid);
    child.stdout!.on('data', (chunk: Buffer) => log.write('stdout', chunk));
    child.stderr!.on('data', (chunk: Buffer) => log.write('stderr', chunk));
    const lifeline = child.stdio[3] as Writable;
    lifeline.on('error', () => undefined);
    lifeline.write(`${request.settings}\n`);
    child.on('close', (code, signal) => {
      this.running.delete(id);
      this.trees.delete(child.pid!);
      log.end();
      const exit = signal ? 128 + constants.signals[signal] : (code ?? 255);
      this.send({ event: 'exited', id, code: exit, ...(signal && { signal }) });
    });
    this.send({ event: 'started', id, pid: child.pid });
  }

  signal(id: string, signal: NodeJS.Signals): void {
    const pid = this.running.get(id)?.pid;
    if (pid !== undefined) killGroup(pid, signal);
  }

  killAll(): void {
    for (const { pid } of this.running.values()) if (pid !== undefined) killGroup(pid, 'SIGKILL');
  }

  pids(): Map<number, string> {
    return new Map([...this.running].map(([id, child]) => [child.pid!, id]));
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}

/** A pod that burns CPU must not make the laptop's own programs wait. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 5);
  } catch {
    // It has just ended.
  }
}

function hidePaths(line: string, hide: [string, string][]): string {
  let text = line;
  for (const [real, shown] of hide) if (text.includes(real)) text = text.replaceAll(real, shown);
  return text;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Places } from '../wall/bindings.ts';
import type { WallSockets } from '../wall/relay.ts';
import { WALL_ENV, wallCommand } from '../wall/wall.ts';
import { littleMalloc } from './node-command.ts';
import type { Reading, RuntimeEvent, RuntimeRequest, StartRequest } from './protocol.ts';

export interface Exit {
  /** 128 + n for signal n. */
  code: number;
  signal?: NodeJS.Signals;
  /** It ended because it took more memory than it may. */
  outOfMemory?: boolean;
}

export interface RunningProcess {
  exited: Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
}

/** The sandbox's side of the container runtime. */
export interface Runtime {
  /** Rejects when the process cannot be started. */
  start(request: Omit<StartRequest, 'op'>): Promise<RunningProcess>;
  stats(): Promise<Reading[]>;
  /** Kills every container and ends the runtime. */
  close(): Promise<void>;
}

export interface RuntimeOptions {
  /** The built runtime: dist/runtime.cjs. */
  program: string;
  /** The second wall around it and its containers; none: it runs as any other process. */
  wall?: RuntimeWall;
  /** A file for its complaints; default this process' standard error. */
  log?: number | 'inherit';
  /** The runtime has died; another one takes its place. */
  onDeath?: () => void;
}

export interface RuntimeWall {
  places: Places;
  sockets: WallSockets;
}

const SHORT_LIFE_MS = 2000;
const RESTART_MS = 1000;

/** Starts the container runtime, and another one whenever it dies. Containers die with theirs. */
export function startRuntime(options: RuntimeOptions): Runtime {
  let closing = false;
  let startedAt = 0;
  let current = startOne();

  function startOne(): RuntimeProcess {
    const runtime = new RuntimeProcess(options.program, options.log ?? 'inherit', options.wall);
    startedAt = performance.now();
    void runtime.closed.then(async () => {
      if (closing) return;
      options.onDeath?.();
      // One that dies as soon as it is started must not keep this process busy with starting it.
      if (performance.now() - startedAt < SHORT_LIFE_MS)
        await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      if (!closing) current = startOne();
    });
    return runtime;
  }

  return {
    start: (request) => current.start(request),
    stats: () => current.stats(),
    close: () => {
      closing = true;
      return current.close();
    },
  };
}

interface Entry {
  started: (process: RunningProcess) => void;
  failed: (error: Error) => void;
  exited: (exit: Exit) => void;
  exit: Promise<Exit>;
  pid?: number;
}

/** One process of the runtime, and the containers that it has started. */
class RuntimeProcess {
  readonly closed: Promise<void>;
  private readonly child: ChildProcess;
  private readonly input: Writable;
  private readonly entries = new Map<string, Entry>();
  private readonly statsWaiting = new Map<number, (readings: Reading[]) => void>();
  private requests = 0;

  constructor(
    program: string,
    log: number | 'inherit',
    private readonly wall?: RuntimeWall,
  ) {
    const relay = wall ? [JSON.stringify(wall.sockets)] : [];
    const [file, ...args] = [
      ...(wall ? wallCommand(wall.places) : []),
      process.execPath,
      program,
      ...relay,
    ] as [string, ...string[]];
    this.child = spawn(file, args, {
      detached: true,
      stdio: ['pipe', 'pipe', log],
      env: { ...(wall ? WALL_ENV : process.env), ...littleMalloc },
      ...(wall && { cwd: '/' }),
    });
    this.input = this.child.stdin!;
    this.input.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      const gone = (): void => {
        this.endAll();
        resolve();
      };
      this.child.once('close', gone);
      this.child.once('error', gone);
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => this.received(JSON.parse(line)));
  }

  start(request: Omit<StartRequest, 'op'>): Promise<RunningProcess> {
    if (this.child.exitCode !== null || this.child.signalCode !== null)
      return Promise.reject(new Error('the container runtime has ended'));
    return new Promise((started, failed) => {
      let exited: (exit: Exit) => void = () => undefined;
      const exit = new Promise<Exit>((resolve) => {
        exited = resolve;
      });
      this.entries.set(request.id, { started, failed, exited, exit });
      this.send({ op: 'start', ...request });
    });
  }

  stats(): Promise<Reading[]> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve([]);
    return new Promise((resolve) => {
      this.statsWaiting.set(++this.requests, resolve);
      this.send({ op: 'stats', request: this.requests });
    });
  }

  close(): Promise<void> {
    this.input.end();
    return this.closed;
  }

  private send(request: RuntimeRequest): void {
    if (this.input.writable) this.input.write(`${JSON.stringify(request)}\n`);
  }

  private received(event: RuntimeEvent): void {
    if (event.event === 'stats') {
      this.statsWaiting.get(event.request)?.(event.readings);
      this.statsWaiting.delete(event.request);
      return;
    }
    const { id } = event;
    const entry = this.entries.get(id);
    if (!entry) return;
    if (event.event === 'started') {
      const { pid } = event;
      entry.pid = pid;
      entry.started({ exited: entry.exit, signal: (signal) => this.send({ op: 'signal', id, signal }) });
      return;
    }
    this.entries.delete(id);
    if (event.event === 'failed') entry.failed(new Error(event.message));
    else entry.exited({ code: event.code, ...(event.signal && { signal: event.signal }) });
  }

  /**
   * Containers end by themselves when the runtime does; one that is stuck in a loop is ended here. Behind the wall the
   * kernel ends them, as the runtime is their first process, and their numbers there mean others here.
   */
  private endAll(): void {
    for (const entry of this.entries.values()) {
      try {
        if (entry.pid !== undefined && !this.wall) process.kill(-entry.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
      if (entry.pid === undefined) entry.failed(new Error('the container runtime has ended'));
      else entry.exited({ code: 137, signal: 'SIGKILL' });
    }
    this.entries.clear();
    for (const take of this.statsWaiting.values()) take([]);
    this.statsWaiting.clear();
  }
}

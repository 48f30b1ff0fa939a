import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Reading, RuntimeEvent, RuntimeRequest, StartRequest } from './protocol.ts';

export interface Exit {
  /** 128 + n for signal n. */
  code: number;
  signal?: NodeJS.Signals;
  /** It ended because it took more memory than it may. */
  outOfMemory?: boolean;
}

export interface RunningProcess {
  pid: number;
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
  /** Resolves when the runtime has ended, whatever ended it. */
  closed: Promise<void>;
}

interface Entry {
  started: (process: RunningProcess) => void;
  failed: (error: Error) => void;
  exited: (exit: Exit) => void;
  exit: Promise<Exit>;
  pid?: number;
}

/** Starts the container runtime. `program` is the built runtime (dist/runtime.js), `log` a file for its complaints. */
export function startRuntime(program: string, log: number | 'inherit' = 'inherit'): Runtime {
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'pipe', log] });
  const entries = new Map<string, Entry>();
  const statsWaiting = new Map<number, (readings: Reading[]) => void>();
  let requests = 0;
  const send = (request: RuntimeRequest): void => {
    if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(request)}\n`);
  };
  child.stdin?.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    const gone = (): void => {
      orphansOf(entries);
      for (const take of statsWaiting.values()) take([]);
      resolve();
    };
    child.once('close', gone);
    child.once('error', gone);
  });
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const event = JSON.parse(line) as RuntimeEvent;
    if (event.event === 'stats') {
      statsWaiting.get(event.request)?.(event.readings);
      statsWaiting.delete(event.request);
      return;
    }
    const entry = entries.get(event.id);
    if (!entry) return;
    if (event.event === 'started') {
      entry.pid = event.pid;
      entry.started({
        pid: event.pid,
        exited: entry.exit,
        signal: (signal) => send({ op: 'signal', id: event.id, signal }),
      });
      return;
    }
    entries.delete(event.id);
    if (event.event === 'failed') entry.failed(new Error(event.message));
    else entry.exited({ code: event.code, ...(event.signal && { signal: event.signal }) });
  });

  return {
    closed,
    start: (request) =>
      new Promise((started, failed) => {
        let exited: (exit: Exit) => void = () => undefined;
        const exit = new Promise<Exit>((resolve) => {
          exited = resolve;
        });
        entries.set(request.id, { started, failed, exited, exit });
        send({ op: 'start', ...request });
      }),
    stats: () => {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve([]);
      return new Promise((resolve) => {
        statsWaiting.set(++requests, resolve);
        send({ op: 'stats', request: requests });
      });
    },
    close: async () => {
      child.stdin?.end();
      await closed;
    },
  };
}

/** The runtime died on its own: its containers end by themselves, one that is stuck in a loop is ended here. */
function orphansOf(entries: Map<string, Entry>): void {
  for (const entry of entries.values()) {
    try {
      if (entry.pid !== undefined) process.kill(-entry.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    if (entry.pid === undefined) entry.failed(new Error('the container runtime has ended'));
    else entry.exited({ code: 137, signal: 'SIGKILL' });
  }
  entries.clear();
}

import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Lookup } from '../../api.ts';
import type { Exit } from '../client.ts';
import { dieWithParent } from '../die-with-parent.ts';
import type { FromSession, SessionPlan, ToSession } from './protocol.ts';

/** What a session's connections go through. */
export interface SessionNetwork {
  connect(host: string, port: number, from?: string): Promise<Duplex>;
  lookup(from: string | undefined, host: string): Lookup;
}

export interface Session {
  pid: number;
  stdin: Writable | undefined;
  stdout: Readable;
  stderr: Readable;
  /** Resolves with the bytes that it takes before it does anything; rejects when it cannot be started. */
  ready: Promise<number>;
  exited: Promise<Exit>;
  /** SIGKILL ends it; all others are for the traps of a main process. */
  signal(signal: NodeJS.Signals): void;
}

/** The heap of one session, MiB: `sort` of some million lines fits. */
const HEAP_MIB = 512;

/**
 * Starts sessions: `program` is dist/session.js.
 * @param killMain `kill 1` of a command beside the main process
 */
export class SessionStarter {
  private readonly wrapper = dieWithParent();

  constructor(
    private readonly program: string,
    private readonly network: SessionNetwork,
  ) {}

  start(plan: SessionPlan, killMain: (signal: NodeJS.Signals) => void): Session {
    const { program, wrapper } = this;
    const heap = `--max-old-space-size=${HEAP_MIB}`;
    const [file = '', ...args] = [...wrapper, process.execPath, heap, program];
    const child = spawn(file, args, {
      cwd: '/',
      env: { PATH: process.env.PATH },
      detached: true,
      serialization: 'advanced',
      stdio: [plan.input ? 'pipe' : 'ignore', 'pipe', 'pipe', 'ipc'],
    });
    return follow(child, plan, this.network, killMain);
  }
}

function follow(
  child: ChildProcess,
  plan: SessionPlan,
  network: SessionNetwork,
  killMain: (signal: NodeJS.Signals) => void,
): Session {
  const sockets = new Map<number, Duplex>();
  let outOfMemory = false;
  let ready: (bytes: number) => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  const loaded = new Promise<number>((resolve, reject) => {
    ready = resolve;
    failed = reject;
  });
  loaded.catch(() => undefined);
  const send = (message: ToSession): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  child.on('message', (message: FromSession) => {
    if (message.op === 'ready') ready(message.memoryBytes);
    else if (message.op === 'done') outOfMemory = message.outOfMemory;
    else if (message.op === 'signal') killMain(message.signal);
    else if (message.op === 'lookup')
      send({ op: 'found', id: message.id, lookup: network.lookup(plan.podIP, message.host) });
    else if (message.op === 'connect') void connect(message.id, message.host, message.port);
    else if (message.op === 'more') sockets.get(message.id)?.resume();
    else if (message.op === 'data') sockets.get(message.id)?.write(message.bytes);
    else if (message.op === 'end') sockets.get(message.id)?.end();
    else {
      sockets.get(message.id)?.destroy();
      sockets.delete(message.id);
    }
  });

  async function connect(id: number, host: string, port: number): Promise<void> {
    const fail = ({ code = '', message }: NodeJS.ErrnoException): void =>
      send({ op: 'failed', id, code, message });
    try {
      const socket = await network.connect(host, port, plan.podIP);
      if (!child.connected) return void socket.destroy();
      sockets.set(id, socket);
      socket.on('error', fail);
      socket.on('data', (bytes) => {
        socket.pause();
        send({ op: 'data', id, bytes });
      });
      socket.on('end', () => send({ op: 'ended', id }));
      socket.pause();
      send({ op: 'connected', id });
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  }

  // Both: what it said last comes before the channel's end, but maybe after the process' own.
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]));
    child.once('error', (error) => {
      failed(error);
      resolve([255, null]);
    });
  });
  const silent = new Promise<void>((resolve) => {
    if (child.connected) child.once('disconnect', () => resolve());
    else resolve();
  });
  const exited = Promise.all([ended, silent]).then(([[code, signal]]): Exit => {
    failed(new Error('the session ended before it began'));
    for (const socket of sockets.values()) socket.destroy();
    // V8 aborts when its heap is full.
    if (outOfMemory || signal === 'SIGABRT') return { code: 137, outOfMemory: true };
    return signal ? { code: 128 + constants.signals[signal], signal } : { code: code ?? 255 };
  });
  child.stdin?.on('error', () => undefined);
  if (child.pid !== undefined) lowerPriority(child.pid);
  send({ op: 'run', plan });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin ?? undefined,
    stdout: child.stdout!,
    stderr: child.stderr!,
    ready: loaded,
    exited,
    signal: (signal) => {
      if (signal === 'SIGKILL') child.kill('SIGKILL');
      else send({ op: 'signal', signal });
    },
  };
}

/** Commands in pods come after the control plane and after the pods' own programs. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 10);
  } catch {
    // It has just ended.
  }
}

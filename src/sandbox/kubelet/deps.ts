import type { Api, ExecResult, ExecStreams, SandboxClock } from '../api.ts';
import type { SandboxNetwork } from '../network/network.ts';
import type { Exit, Runtime } from '../runtime/client.ts';
import type { EventRecorder } from './events.ts';
import type { PostgresHost } from './postgres-host.ts';
import type { Semaphore } from './semaphore.ts';
import type { Console } from './sessions/console.ts';
import type { Sessions } from './sessions/sessions.ts';

/** What every part of the kubelet works with. */
export interface KubeletContext {
  api: Api;
  clock: SandboxClock;
  network: SandboxNetwork;
  runtime: Runtime;
  events: EventRecorder;
  /** Folder with one folder a pod. */
  folder: string;
  /** Folder with one folder a PersistentVolume. */
  kept: string;
  /** dist/preload.cjs */
  preload: string;
  /** dist/redis.cjs */
  redis: string;
  /** undefined where no PostgreSQL is installed. */
  postgres: PostgresHost | undefined;
  /** Waits of back-offs are divided by it. */
  speed: number;
  /** Runs the sandbox's own shell and tools. */
  sessions: Sessions;
  /** How many containers may be starting at a time. */
  starts: Semaphore;
  /** A bearer token for a ServiceAccount. */
  token(namespace: string, serviceAccount: string): string;
  /** Told of what nobody expected and what was survived; the work is tried again. */
  onError(error: unknown): void;
}

/** A container's main process, whatever runs it. */
export interface ContainerProcess {
  /** In the readings of the runtime or the sessions. */
  id: string;
  /** What it takes before it does anything, in bytes; it does not count as used. */
  idleBytes?: number;
  exited: Promise<Exit>;
  /** Where it can be typed into; its log has its output too. */
  console?: Console;
  signal(signal: NodeJS.Signals): void;
}

/** Runs a command beside the container's main process. */
export type ExecTool = (command: string[], io: ExecStreams, signal: AbortSignal) => Promise<ExecResult>;

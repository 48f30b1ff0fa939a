/**
 * What the kubelet and a session say to each other, over the channel that Node opens to a child process. A session is
 * the process of one run of the sandbox's own shell and tools: a container of busybox, or a command beside a container.
 */
import type { Lookup } from '../../api.ts';

/** What a session runs, and the container that it sees. */
export interface SessionPlan {
  command: string[];
  env: Record<string, string>;
  /** Paths of the container. */
  cwd: string;
  workingDir: string;
  hostname: string;
  podIP: string;
  /** Arguments of the container's main process. */
  mainProcess: string[];
  /** Real folder that is seen as `/`. */
  root: string;
  /** Mount path → real folder or file, the longest first. */
  mounts: [string, string][];
  /** Real folders. */
  readable: string[];
  writable: string[];
  /** A terminal is at the other end. */
  tty: boolean;
  /** It has an input. */
  input: boolean;
  /** What a shell's variables may take, in bytes. */
  memoryBytes?: number;
  /** Set for a container's main process: where its output goes. `shown`: to its streams as well. */
  log?: { path: string; maxBytes: number; shown: boolean };
}

export type ToSession =
  | { op: 'run'; plan: SessionPlan }
  /** The main process gets a signal that a shell may have a trap for. */
  | { op: 'signal'; signal: NodeJS.Signals }
  | { op: 'found'; id: number; lookup: Lookup }
  | { op: 'connected'; id: number }
  | { op: 'failed'; id: number; code: string; message: string }
  /** One at a time: the next after `more`. */
  | { op: 'data'; id: number; bytes: Uint8Array }
  | { op: 'ended'; id: number };

export type FromSession =
  /** Its program is loaded; `memoryBytes` is what it takes until now. */
  | { op: 'ready'; memoryBytes: number }
  | { op: 'lookup'; id: number; host: string }
  | { op: 'connect'; id: number; host: string; port: number }
  | { op: 'more'; id: number }
  | { op: 'data'; id: number; bytes: Uint8Array }
  | { op: 'end'; id: number }
  | { op: 'close'; id: number }
  /** `kill 1` */
  | { op: 'signal'; signal: NodeJS.Signals }
  | { op: 'done'; outOfMemory: boolean };

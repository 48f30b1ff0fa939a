/** What the sandbox and its container runtime say to each other: one JSON document a line, over stdio. */

export interface StartRequest {
  op: 'start';
  id: string;
  /** Arguments of the Node executable, permission flags included. */
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** One line of JSON that the process reads from its fourth descriptor before anything else. */
  settings: string;
  /** The file that the container's output goes to. */
  log: string;
  /** The log is rotated when it grows past this. */
  maxLogBytes: number;
  /** Real paths of the host as they must read in a log: longest first. */
  hide: [string, string][];
  /** It has processes of its own, which count as well. */
  tree?: boolean;
}

export type RuntimeRequest =
  | StartRequest
  | { op: 'signal'; id: string; signal: NodeJS.Signals }
  | { op: 'stats'; request: number };

export type RuntimeEvent =
  | { event: 'started'; id: string; pid: number }
  | { event: 'failed'; id: string; message: string }
  /** `code` as a container runtime gives it: 128 + n for signal n. */
  | { event: 'exited'; id: string; code: number; signal?: NodeJS.Signals }
  | { event: 'stats'; request: number; readings: Reading[] };

/** Of one running container: resident memory in bytes, CPU time since its start in seconds. */
export interface Reading {
  id: string;
  memoryBytes: number;
  cpuSeconds: number;
}

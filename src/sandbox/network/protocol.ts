/** What a container's preload and the network say to each other: one JSON document a line, over a unix socket. */
import type { Lookup, Route } from '../api.ts';

export type NetworkRequest =
  | { op: 'hello'; token: string }
  /** The program listens on a virtual port; `real` is the port on 127.0.0.1 behind it. */
  | { op: 'listen'; token: string; host: string; port: number; real: number }
  | { op: 'close'; real: number }
  | { op: 'route'; request: number; host: string; port: number }
  | { op: 'lookup'; request: number; host: string };

export type NetworkAnswer = { request: number; route: Route; ip?: string } | ({ request: number } & Lookup);

/** Handed to the preload in the variable named by SETTINGS, which it takes out of the environment. */
export interface PreloadSettings {
  socket: string;
  token: string;
  /** Real folder that the container sees as `/`. */
  root: string;
  /** Mount path → real folder or file. */
  mounts: [string, string][];
  hostname: string;
  podIP: string;
  /** Working directory as the program sees it. */
  cwd: string;
  /** Variables that must not reach Node or its libraries before the program runs, e.g. NODE_ENV, SSL_CERT_FILE. */
  env: Record<string, string>;
}

export const SETTINGS = 'CONTAINER_SETTINGS';

/**
 * What a container's preload and the network say to each other over a unix socket: a line is a seal, a space and a JSON
 * document. Each message of the preload has a higher number `n` than the one before it, so that none counts twice.
 */
import type { Link, Lookup, Route } from '../api.ts';
import { type SealKey, seal } from './seal.ts';

export type NetworkRequest = { n: number } & (
  | { op: 'hello'; name: string }
  /** The program listens on a virtual port; `real` is the port on 127.0.0.1 behind it. */
  | { op: 'listen'; host: string; port: number; real: number }
  | { op: 'close'; real: number }
  | { op: 'route'; host: string; port: number }
  | { op: 'lookup'; host: string }
);

/** `n` is that of the request. */
export type NetworkAnswer = { n: number; route: Route; ip?: string } | ({ n: number } & Lookup);

/**
 * Said without a request, when that has changed: the ports on 127.0.0.1 to which connections of the pod are disturbed, all of
 * them. Heard twice it does no harm but to the pod's own connections.
 */
export interface NetworkNews {
  n: 0;
  links: [real: number, link: Link][];
}

/** How a container is known to the network: a name, and the key of its seals. */
export interface Admission {
  socket: string;
  name: string;
  key: SealKey;
}

/** What the preload reads from its descriptor SETTINGS_FD before the program runs: one line of JSON. */
export interface PreloadSettings extends Admission {
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

/** The pipe from the container runtime: first the settings, and when it closes, the runtime is gone. */
export const SETTINGS_FD = 3;

/** Digits of a seal. */
export const SEAL_LENGTH = 16;

/** No message is longer, in characters; a line that goes on is not one of the preload's. */
export const MAX_LINE = 16_384;

export function sealed(json: string, key: SealKey): string {
  return `${seal(json, key)} ${json}\n`;
}

/** The recorded answers of a real API server: requests in order, what came back, and how to compare. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Topic {
  topic: string;
  about: string;
  server: string;
  cases: Case[];
}

export interface Case {
  name: string;
  /** To be created before, empty. */
  namespaces: string[];
  /** metadata.managedFields was cut from every body. */
  managedFieldsRemoved: boolean;
  /** The versions of the case from the oldest to the newest. */
  resourceVersionsAscending?: string[];
  steps: Step[];
}

export interface Request {
  method: string;
  path: string;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent as it stands, in place of `body`. */
  bodyText?: string;
  /** Who calls; absent: an administrator. */
  as?: { token: string } | { anonymous: true } | { impersonate: string };
}

export interface Response {
  status: number;
  contentType: string;
  body?: unknown;
  bodyText?: string;
  warnings?: string[];
  headers?: Record<string, string>;
}

/** `path` in an object, or the HTTP status. */
export interface Condition {
  path?: string;
  status?: number;
  equals?: unknown;
  exists?: boolean;
  /** A number at least this large. */
  atLeast?: number;
  /** A list of this many elements. */
  length?: number;
  /** A text that contains this, or a list with such an element. */
  includes?: string;
}

/** `deleted`: the object is gone. */
export type Until = Condition[] | 'deleted';

export interface Step {
  why?: string;
  request?: Request;
  response?: Response;
  /** Of a watch: what came, in order. Of a list of Events: which. */
  events?: unknown[] | { path: string };
  during?: Step[];
  closedByServer?: boolean;
  wait?: { path: string; until: Until };
  settle?: { path: string };
  observe?: { path: string; name?: string; fields: string[]; until: Until };
  states?: Record<string, unknown>[];
  list?: Record<string, unknown>[];
  kubectl?: { args: string[]; stdin?: string; env?: Record<string, string> };
  exitCode?: number;
  stdout?: string;
  stdoutJson?: unknown;
  stderr?: string;
  /** Seconds. */
  pause?: number;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'kubernetes-api');

export function topics(): Topic[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(refusedNames(ownPort(readFileSync(join(folder, name), 'utf8')))) as Topic);
}

/** The recorded server listened on 6443; ours on whatever is free. */
const ownPort = (text: string) => text.replaceAll('<ip:1>:6443', '<ip:1>:<nodePort:server>');

/** Pods that were refused never got a placeholder: their names stand in Events and conditions as they were made. */
const refusedNames = (text: string) =>
  text.replaceAll(/(<hash:\d+>)-([a-z0-9]{5})(?=\\")/g, '$1-<suffix:$2>');

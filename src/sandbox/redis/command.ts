import type { Database, Keyspace, Value } from './keyspace.ts';
import { Failure, type Reply, type Version } from './resp.ts';
import type { Settings } from './settings.ts';

/** One request: the words behind the command's name, who sent it. */
export interface Call {
  /** In lower case. */
  name: string;
  args: string[];
  db: Database;
  from: Client;
  server: Shared;
}

/** Who sends requests, as commands see it. */
export interface Client {
  readonly id: number;
  readonly address: string;
  db: Database;
  version: Version;
  name: string;
  /** It ends when what it was answered is written. */
  closing: boolean;
  /** What it waits for in a blocking command. */
  readonly waiting: Waiting | undefined;
  /** Requests since MULTI. */
  queued: string[][] | undefined;
  /** A request since MULTI was none. */
  spoilt: boolean;
  /** A watched key has changed. */
  outdated: boolean;
  /** Database and key. */
  readonly watched: Set<string>;
  forgetTransaction(): void;
  close(): void;
  /** As CLIENT LIST has it. */
  describe(): string;
}

/** What all clients share. */
export interface Shared {
  readonly commands: Commands;
  readonly connections: ReadonlySet<Client>;
  readonly keyspace: Keyspace;
  readonly settings: Settings;
  /** ms of the wall clock. */
  readonly startedAt: number;
  readonly totals: { readonly connections: number; readonly commands: number; readonly rejected: number };
  now(): number;
  shutdown(): void;
  /** Runs a request of a transaction: what would wait finds nothing. */
  runAtOnce(from: Client, words: string[]): Reply;
}

/** What is answered later: as soon as `serve` finds something in one of the keys, or null when the time is over. */
export class Waiting {
  constructor(
    readonly keys: readonly string[],
    /** 0: for ever. */
    readonly seconds: number,
    readonly serve: (key: string) => Reply | undefined,
    readonly late: Reply,
  ) {}
}

export interface Command {
  /** Words with the name, or at least so many if negative, as COMMAND has it. */
  arity: number;
  /** Can grow what is stored: refused when there is no room for it. */
  grows?: true;
  run(call: Call): Reply | Waiting;
}

export type Commands = Readonly<Record<string, Command>>;

export const SYNTAX = 'ERR syntax error';
const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';

export function textOf(value: Value | undefined): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw new Failure(WRONG_TYPE);
  return value;
}

export function listOf(value: Value | undefined): string[] | undefined {
  if (value !== undefined && !Array.isArray(value)) throw new Failure(WRONG_TYPE);
  return value;
}

export function hashOf(value: Value | undefined): Map<string, string> | undefined {
  if (value !== undefined && !(value instanceof Map)) throw new Failure(WRONG_TYPE);
  return value;
}

export function integer(
  text: string | undefined,
  problem = 'ERR value is not an integer or out of range',
): number {
  const number = text !== undefined && /^(0|-?[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new Failure(problem);
  return number;
}

/** Redis' time-outs are seconds with fractions. */
export function timeout(text: string | undefined): number {
  const seconds = text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(seconds)) throw new Failure('ERR timeout is not a float or out of range');
  if (seconds < 0) throw new Failure('ERR timeout is negative');
  return seconds;
}

import { Failure } from './resp.ts';
import type { Settings } from './settings.ts';

export type Value = string | string[] | Map<string, string>;

/** Bytes that a key takes besides its texts, roughly as Redis' own do. */
const KEY_BYTES = 64;
const ELEMENT_BYTES = 16;
/** What an empty server takes. */
const IDLE_BYTES = 1_000_000;
const LOOKED_AT = 16;

interface Entry {
  value: Value;
  bytes: number;
}

export interface Counts {
  hits: number;
  misses: number;
  expired: number;
  evicted: number;
}

/** All databases: their keys, when these expire, what they take; who waits for a change of a key is told. */
export class Keyspace {
  readonly counts: Counts = { hits: 0, misses: 0, expired: 0, evicted: 0 };
  readonly databases: readonly Database[];
  usedBytes = IDLE_BYTES;

  constructor(
    private readonly settings: Settings,
    readonly now: () => number,
    readonly changed: (database: Database, key: string) => void,
  ) {
    this.databases = Array.from(
      { length: Number(settings.databases) },
      (_, index) => new Database(index, this),
    );
  }

  /** Makes room under maxmemory; throws what a command that needs memory is answered if there is none to be made. */
  makeRoom(): void {
    const most = Number(this.settings.maxmemory);
    while (most > 0 && this.usedBytes > most) {
      if (!this.evictOne()) throw new Failure("OOM command not allowed when used memory > 'maxmemory'.");
    }
  }

  /** Removes keys whose time is over, some at a time: others are removed when they are asked for. */
  expireSome(): void {
    for (const database of this.databases) {
      let found = LOOKED_AT;
      // As Redis does: on while a quarter of those looked at were over.
      for (let turns = 0; turns < 50 && found * 4 >= LOOKED_AT; turns++)
        found = database.expireSome(LOOKED_AT);
    }
  }

  private evictOne(): boolean {
    const policy = this.settings['maxmemory-policy'];
    if (policy === 'noeviction') return false;
    const [scope, order] = policy.split('-');
    for (const database of this.databases) {
      const key = database.leastWanted(scope === 'volatile', order!);
      if (key === undefined) continue;
      database.remove(key);
      this.counts.evicted++;
      return true;
    }
    return false;
  }
}

export class Database {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry>();
  /** ms of the wall clock; in the order of the last use. */
  private readonly expiries = new Map<string, number>();
  /** Goes round and round over the keys that expire. */
  private sweep: Iterator<string, undefined> = this.expiries.keys();

  constructor(
    readonly index: number,
    private readonly all: Keyspace,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get expiring(): number {
    return this.expiries.size;
  }

  /** Keys that are not over. */
  *keys(): Generator<string> {
    for (const key of this.entries.keys()) if (!this.isOver(key)) yield key;
  }

  /** The value; counted as hit or miss by commands that read. */
  read(key: string): Value | undefined {
    const value = this.get(key);
    if (value === undefined) this.all.counts.misses++;
    else this.all.counts.hits++;
    return value;
  }

  get(key: string): Value | undefined {
    if (this.isOver(key)) {
      this.remove(key);
      this.all.counts.expired++;
      return undefined;
    }
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    touch(this.entries, key, entry);
    const expiry = this.expiries.get(key);
    if (expiry !== undefined) touch(this.expiries, key, expiry);
    return entry.value;
  }

  /** Puts a value in place of whatever is there; its expiry stays only if `keepExpiry`. An empty collection is no key. */
  set(key: string, value: Value, keepExpiry = false): void {
    const old = this.entries.get(key);
    const expiry = keepExpiry ? this.expiries.get(key) : undefined;
    if (typeof value !== 'string' && (Array.isArray(value) ? value.length : value.size) === 0) {
      this.remove(key);
      return;
    }
    const bytes = KEY_BYTES + key.length + bytesOf(value);
    this.all.usedBytes += bytes - (old?.bytes ?? 0);
    touch(this.entries, key, { value, bytes });
    this.expiries.delete(key);
    if (expiry !== undefined) this.expiries.set(key, expiry);
    this.all.changed(this, key);
  }

  /** Tells that a list or hash was changed in place, by so many elements and bytes of text. */
  resized(key: string, elements: number, bytes: number): void {
    const entry = this.entries.get(key)!;
    const { value } = entry;
    if (typeof value !== 'string' && (Array.isArray(value) ? value.length : value.size) === 0)
      this.remove(key);
    else {
      const grown = elements * ELEMENT_BYTES + bytes;
      entry.bytes += grown;
      this.all.usedBytes += grown;
      this.all.changed(this, key);
    }
  }

  remove(key: string): boolean {
    const entry = this.entries.get(key);
    if (!entry) return false;
    this.entries.delete(key);
    this.expiries.delete(key);
    this.all.usedBytes -= entry.bytes;
    this.all.changed(this, key);
    return true;
  }

  expiry(key: string): number | undefined {
    return this.expiries.get(key);
  }

  /** undefined: for ever. */
  expireAt(key: string, at: number | undefined): void {
    this.expiries.delete(key);
    if (at !== undefined) this.expiries.set(key, at);
    this.all.changed(this, key);
  }

  clear(): void {
    for (const key of [...this.entries.keys()]) this.remove(key);
  }

  /** How many of the next `count` that expire were over; they are gone. */
  expireSome(count: number): number {
    let found = 0;
    for (let looked = 0; looked < count; looked++) {
      const { value: key } = this.sweep.next();
      if (key === undefined) {
        this.sweep = this.expiries.keys();
        break;
      }
      if (!this.isOver(key)) continue;
      this.remove(key);
      this.all.counts.expired++;
      found++;
    }
    return found;
  }

  leastWanted(volatile: boolean, order: string): string | undefined {
    const keys = first((volatile ? this.expiries : this.entries).keys(), order === 'lru' ? 1 : LOOKED_AT);
    if (order === 'ttl') return keys.sort((a, b) => this.expiries.get(a)! - this.expiries.get(b)!)[0];
    return keys[order === 'random' ? Math.floor(Math.random() * keys.length) : 0];
  }

  private isOver(key: string): boolean {
    const at = this.expiries.get(key);
    return at !== undefined && at <= this.all.now();
  }
}

function bytesOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  let bytes = 0;
  if (Array.isArray(value)) for (const one of value) bytes += one.length + ELEMENT_BYTES;
  else for (const [field, one] of value) bytes += field.length + one.length + ELEMENT_BYTES;
  return bytes;
}

function touch<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
}

function first(keys: Iterable<string>, count: number): string[] {
  const found: string[] = [];
  for (const key of keys) {
    if (found.length === count) break;
    found.push(key);
  }
  return found;
}

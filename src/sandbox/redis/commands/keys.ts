import { matchPattern } from '../../runtime/shell/pattern.ts';
import { type Call, type Command, type Commands, integer, SYNTAX } from '../command.ts';
import type { Value } from '../keyspace.ts';
import { Failure, OK, type Reply, Status } from '../resp.ts';

/** What concerns keys of any type. */
export const keys: Commands = {
  del: {
    arity: -2,
    run: ({ db, args }) => count(args, (key) => db.get(key) !== undefined && db.remove(key)),
  },
  unlink: {
    arity: -2,
    run: ({ db, args }) => count(args, (key) => db.get(key) !== undefined && db.remove(key)),
  },
  exists: { arity: -2, run: ({ db, args }) => count(args, (key) => db.read(key) !== undefined) },
  type: { arity: 2, run: ({ db, args }) => new Status(typeOf(db.get(args[0]!))) },
  expire: expire(1000, false),
  pexpire: expire(1, false),
  expireat: expire(1000, true),
  pexpireat: expire(1, true),
  ttl: ttl(1000),
  pttl: ttl(1),
  persist: {
    arity: 2,
    run({ db, args: [key] }) {
      if (db.get(key!) === undefined || db.expiry(key!) === undefined) return 0;
      db.expireAt(key!, undefined);
      return 1;
    },
  },
  rename: {
    arity: 3,
    run({ db, args: [from, to] }) {
      const value = db.get(from!);
      if (value === undefined) throw new Failure('ERR no such key');
      const expiry = db.expiry(from!);
      db.remove(from!);
      db.set(to!, value);
      if (expiry !== undefined) db.expireAt(to!, expiry);
      return OK;
    },
  },
  keys: { arity: 2, run: ({ db, args }) => [...db.keys()].filter((key) => matchPattern(args[0]!, key)) },
  scan: { arity: -2, run: scan },
  dbsize: { arity: 1, run: ({ db }) => db.size },
  flushdb: {
    arity: -1,
    run({ db }) {
      db.clear();
      return OK;
    },
  },
  flushall: {
    arity: -1,
    run({ server }) {
      for (const db of server.keyspace.databases) db.clear();
      return OK;
    },
  },
};

function count(words: string[], test: (key: string) => boolean): number {
  return words.filter(test).length;
}

function typeOf(value: Value | undefined): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? 'string' : Array.isArray(value) ? 'list' : 'hash';
}

function expire(unit: number, absolute: boolean): Command {
  return {
    arity: -3,
    run({ db, name, args: [key, amount, ...flags], server }) {
      const at = integer(amount) * unit + (absolute ? 0 : server.now());
      if (!Number.isSafeInteger(at)) throw new Failure(`ERR invalid expire time in '${name}' command`);
      if (db.get(key!) === undefined) return 0;
      const old = db.expiry(key!);
      for (const flag of flags) {
        const holds = CONDITIONS[flag.toUpperCase()];
        if (!holds) throw new Failure(`ERR Unsupported option ${flag}`);
        if (!holds(at, old)) return 0;
      }
      if (at <= server.now()) db.remove(key!);
      else db.expireAt(key!, at);
      return 1;
    },
  };
}

const CONDITIONS: Record<string, (at: number, old: number | undefined) => boolean> = {
  NX: (_, old) => old === undefined,
  XX: (_, old) => old !== undefined,
  GT: (at, old) => old !== undefined && at > old,
  LT: (at, old) => old === undefined || at < old,
};

function ttl(unit: number): Command {
  return {
    arity: 2,
    run({ db, args: [key], server }) {
      if (db.get(key!) === undefined) return -2;
      const at = db.expiry(key!);
      return at === undefined ? -1 : Math.max(0, Math.round((at - server.now()) / unit));
    },
  };
}

const PLACES = 4096;

/** The cursor is a place in an order by hash, so that keys that come and go move no others. */
function scan({ db, args: [cursor, ...words] }: Call): Reply {
  const from = integer(cursor, 'ERR invalid cursor');
  let pattern = '*';
  let type: string | undefined;
  let amount = 10;
  for (let at = 0; at < words.length; at += 2) {
    const word = words[at]!.toUpperCase();
    const value = words[at + 1];
    if (value === undefined) throw new Failure(SYNTAX);
    if (word === 'MATCH') pattern = value;
    else if (word === 'TYPE') type = value.toLowerCase();
    else if (word === 'COUNT') amount = integer(value);
    else throw new Failure(SYNTAX);
  }
  if (amount < 1) throw new Failure(SYNTAX);
  const to = from + Math.max(1, Math.ceil((PLACES * amount) / Math.max(1, db.size)));
  const found: string[] = [];
  for (const key of db.keys()) {
    const place = placeOf(key);
    if (place < from || place >= to || !matchPattern(pattern, key)) continue;
    found.push(key);
  }
  const typed = type === undefined ? found : found.filter((key) => typeOf(db.get(key)) === type);
  return [to >= PLACES ? '0' : String(to), typed];
}

function placeOf(key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return (hash >>> 0) % PLACES;
}

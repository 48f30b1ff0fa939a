import { type Call, type Commands, integer, SYNTAX, textOf } from '../command.ts';
import { Failure, OK, type Reply } from '../resp.ts';

/** Texts, and counters in them. */
export const strings: Commands = {
  get: { arity: 2, run: ({ db, args }) => textOf(db.read(args[0]!)) ?? null },
  mget: {
    arity: -2,
    run: ({ db, args }) =>
      args.map((key) => {
        const value = db.read(key);
        return typeof value === 'string' ? value : null;
      }),
  },
  set: { arity: -3, grows: true, run: set },
  setex: { arity: 4, grows: true, run: (call) => setFor(call, 1000) },
  psetex: { arity: 4, grows: true, run: (call) => setFor(call, 1) },
  setnx: {
    arity: 3,
    grows: true,
    run({ db, args: [key, value] }) {
      if (db.get(key!) !== undefined) return 0;
      db.set(key!, value!);
      return 1;
    },
  },
  mset: {
    arity: -3,
    grows: true,
    run({ db, args }) {
      if (args.length % 2) throw new Failure("ERR wrong number of arguments for 'mset' command");
      for (let at = 0; at < args.length; at += 2) db.set(args[at]!, args[at + 1]!);
      return OK;
    },
  },
  getdel: {
    arity: 2,
    run({ db, args: [key] }) {
      const value = textOf(db.read(key!));
      db.remove(key!);
      return value ?? null;
    },
  },
  append: {
    arity: 3,
    grows: true,
    run({ db, args: [key, more] }) {
      const value = (textOf(db.get(key!)) ?? '') + more;
      db.set(key!, value, true);
      return value.length;
    },
  },
  strlen: { arity: 2, run: ({ db, args }) => textOf(db.read(args[0]!))?.length ?? 0 },
  incr: { arity: 2, grows: true, run: (call) => add(call, 1) },
  decr: { arity: 2, grows: true, run: (call) => add(call, -1) },
  incrby: { arity: 3, grows: true, run: (call) => add(call, integer(call.args[1])) },
  decrby: { arity: 3, grows: true, run: (call) => add(call, -integer(call.args[1])) },
};

function add({ db, args: [key] }: Call, amount: number): number {
  const value = integer(textOf(db.get(key!)) ?? '0') + amount;
  if (!Number.isSafeInteger(value)) throw new Failure('ERR increment or decrement would overflow');
  db.set(key!, String(value), true);
  return value;
}

function setFor({ db, name, args: [key, time, value], server }: Call, unit: number): Reply {
  const amount = integer(time);
  if (amount <= 0) throw new Failure(`ERR invalid expire time in '${name}' command`);
  db.set(key!, value!);
  db.expireAt(key!, server.now() + amount * unit);
  return OK;
}

/** https://redis.io/docs/latest/commands/set/ */
function set({ db, args, server }: Call): Reply {
  const [key, value] = args as [string, string];
  const flags = new Set<string>();
  let expiry: number | undefined;
  for (let at = 2; at < args.length; at++) {
    const word = args[at]!.toUpperCase();
    if (['EX', 'PX', 'EXAT', 'PXAT'].includes(word)) {
      if (expiry !== undefined || flags.has('KEEPTTL') || at + 1 >= args.length) throw new Failure(SYNTAX);
      const amount = integer(args[++at]);
      if (amount <= 0) throw new Failure("ERR invalid expire time in 'set' command");
      expiry = amount * (word.startsWith('EX') ? 1000 : 1) + (word.endsWith('AT') ? 0 : server.now());
    } else if (['NX', 'XX', 'KEEPTTL', 'GET'].includes(word)) flags.add(word);
    else throw new Failure(SYNTAX);
  }
  if ((flags.has('NX') && flags.has('XX')) || (flags.has('KEEPTTL') && expiry !== undefined))
    throw new Failure(SYNTAX);
  const there = db.get(key);
  const old = flags.has('GET') ? (textOf(there) ?? null) : undefined;
  if (flags.has(there === undefined ? 'XX' : 'NX')) return old ?? null;
  db.set(key, value, flags.has('KEEPTTL'));
  if (expiry !== undefined) db.expireAt(key, expiry);
  return old === undefined ? OK : old;
}

import { type Call, type Commands, hashOf, integer } from '../command.ts';
import { Failure, OK, Pairs } from '../resp.ts';

/** Fields and values under one key. */
export const hashes: Commands = {
  hset: { arity: -4, grows: true, run: put },
  hmset: {
    arity: -4,
    grows: true,
    run(call) {
      put(call);
      return OK;
    },
  },
  hget: { arity: 3, run: ({ db, args: [key, field] }) => hashOf(db.read(key!))?.get(field!) ?? null },
  hmget: {
    arity: -3,
    run({ db, args: [key, ...fields] }) {
      const hash = hashOf(db.read(key!));
      return fields.map((field) => hash?.get(field) ?? null);
    },
  },
  hgetall: { arity: 2, run: ({ db, args }) => new Pairs([...(hashOf(db.read(args[0]!)) ?? [])]) },
  hkeys: { arity: 2, run: ({ db, args }) => [...(hashOf(db.read(args[0]!))?.keys() ?? [])] },
  hvals: { arity: 2, run: ({ db, args }) => [...(hashOf(db.read(args[0]!))?.values() ?? [])] },
  hlen: { arity: 2, run: ({ db, args }) => hashOf(db.read(args[0]!))?.size ?? 0 },
  hexists: {
    arity: 3,
    run: ({ db, args: [key, field] }) => Number(hashOf(db.read(key!))?.has(field!) ?? false),
  },
  hdel: {
    arity: -3,
    run({ db, args: [key, ...fields] }) {
      const hash = hashOf(db.get(key!));
      if (!hash) return 0;
      const before = hash.size;
      let bytes = 0;
      for (const field of fields) {
        const value = hash.get(field);
        if (value !== undefined) bytes += field.length + value.length;
        hash.delete(field);
      }
      const removed = before - hash.size;
      if (removed > 0) db.resized(key!, -removed, -bytes);
      return removed;
    },
  },
  hincrby: {
    arity: 4,
    grows: true,
    run(call) {
      const {
        db,
        args: [key, field, amount],
      } = call;
      const value =
        integer(hashOf(db.get(key!))?.get(field!) ?? '0', 'ERR hash value is not an integer') +
        integer(amount);
      put({ ...call, args: [key!, field!, String(value)] });
      return value;
    },
  },
};

function put({ db, name, args: [key, ...pairs] }: Call): number {
  if (pairs.length % 2) throw new Failure(`ERR wrong number of arguments for '${name}' command`);
  const hash = hashOf(db.get(key!)) ?? new Map<string, string>();
  const isNew = hash.size === 0;
  const before = hash.size;
  let bytes = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    const [field, value] = [pairs[at]!, pairs[at + 1]!];
    const old = hash.get(field);
    bytes += value.length - (old?.length ?? -field.length);
    hash.set(field, value);
  }
  if (isNew) db.set(key!, hash);
  else db.resized(key!, hash.size - before, bytes);
  return hash.size - before;
}

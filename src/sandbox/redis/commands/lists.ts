import {
  type Call,
  type Command,
  type Commands,
  integer,
  listOf,
  SYNTAX,
  timeout,
  Waiting,
} from '../command.ts';
import type { Database } from '../keyspace.ts';
import { Failure, NO_LIST, OK, type Reply } from '../resp.ts';

type End = 'LEFT' | 'RIGHT';

/** Lists, and the commands that wait until one has something. */
export const lists: Commands = {
  lpush: push('LEFT'),
  rpush: push('RIGHT'),
  lpop: pop('LEFT'),
  rpop: pop('RIGHT'),
  blpop: blockingPop('LEFT'),
  brpop: blockingPop('RIGHT'),
  llen: { arity: 2, run: ({ db, args }) => listOf(db.read(args[0]!))?.length ?? 0 },
  lrange: {
    arity: 4,
    run({ db, args }) {
      const list = listOf(db.read(args[0]!)) ?? [];
      return list.slice(...range(list, integer(args[1]), integer(args[2])));
    },
  },
  lindex: {
    arity: 3,
    run: ({ db, args }) => listOf(db.read(args[0]!))?.at(integer(args[1])) ?? null,
  },
  ltrim: {
    arity: 4,
    run({ db, args: [key, start, stop] }) {
      const list = listOf(db.get(key!));
      if (list) db.set(key!, list.slice(...range(list, integer(start), integer(stop))), true);
      return OK;
    },
  },
  lrem: { arity: 4, run: remove },
  lmove: {
    arity: 5,
    grows: true,
    run: ({ db, args: [from, to, ...ends] }) => move(db, from!, to!, endsOf(ends)) ?? null,
  },
  blmove: {
    arity: 6,
    grows: true,
    run: ({ db, args: [from, to, ...ends] }) => blockingMove(db, from!, to!, endsOf(ends), timeout(ends[2])),
  },
  rpoplpush: {
    arity: 3,
    grows: true,
    run: ({ db, args: [from, to] }) => move(db, from!, to!, ['RIGHT', 'LEFT']) ?? null,
  },
  brpoplpush: {
    arity: 4,
    grows: true,
    run: ({ db, args: [from, to, seconds] }) =>
      blockingMove(db, from!, to!, ['RIGHT', 'LEFT'], timeout(seconds)),
  },
};

function push(end: End): Command {
  return { arity: -3, grows: true, run: ({ db, args: [key, ...texts] }) => add(db, key!, texts, end) };
}

function add(db: Database, key: string, texts: string[], end: End): number {
  const list = listOf(db.get(key));
  // Each is pushed in its turn, so that the last one of LPUSH comes first.
  if (!list) {
    db.set(key, end === 'LEFT' ? texts.reverse() : texts);
    return texts.length;
  }
  for (const text of texts) end === 'LEFT' ? list.unshift(text) : list.push(text);
  db.resized(key, texts.length, bytesOf(texts));
  return list.length;
}

function take(db: Database, key: string, end: End, count = 1): string[] | undefined {
  const list = listOf(db.get(key));
  if (!list) return undefined;
  const taken =
    end === 'LEFT' ? list.splice(0, count) : list.splice(Math.max(0, list.length - count)).reverse();
  db.resized(key, -taken.length, -bytesOf(taken));
  return taken;
}

function pop(end: End): Command {
  return {
    arity: -2,
    run({ db, name, args: [key, count, ...more] }): Reply {
      if (more.length) throw new Failure(`ERR wrong number of arguments for '${name}' command`);
      if (count === undefined) return take(db, key!, end)?.[0] ?? null;
      const most = integer(count, 'ERR value is out of range, must be positive');
      if (most < 0) throw new Failure('ERR value is out of range, must be positive');
      return take(db, key!, end, most) ?? NO_LIST;
    },
  };
}

function blockingPop(end: End): Command {
  return {
    arity: -3,
    run({ db, args }) {
      const keys = args.slice(0, -1);
      const serve = (key: string): Reply | undefined => {
        const taken = take(db, key, end);
        return taken && [key, taken[0]!];
      };
      return firstServed(new Waiting(keys, timeout(args.at(-1)), serve, NO_LIST));
    },
  };
}

function move(db: Database, from: string, to: string, [out, into]: [End, End]): string | undefined {
  // Both must be lists before either is changed.
  if (!listOf(db.get(from))) return undefined;
  listOf(db.get(to));
  const [text] = take(db, from, out)!;
  add(db, to, [text!], into);
  return text;
}

function blockingMove(
  db: Database,
  from: string,
  to: string,
  ends: [End, End],
  seconds: number,
): Reply | Waiting {
  return firstServed(new Waiting([from], seconds, () => move(db, from, to, ends), NO_LIST));
}

function firstServed(waiting: Waiting): Reply | Waiting {
  for (const key of waiting.keys) {
    const reply = waiting.serve(key);
    if (reply !== undefined) return reply;
  }
  return waiting;
}

function endsOf(words: string[]): [End, End] {
  const ends = words.slice(0, 2).map((word) => word.toUpperCase());
  if (!ends.every((end) => end === 'LEFT' || end === 'RIGHT')) throw new Failure(SYNTAX);
  return ends as [End, End];
}

/** Removes the first (`count` below 0: last) so many that equal a text; all for 0. */
function remove({ db, args: [key, count, text] }: Call): number {
  const most = integer(count);
  const list = listOf(db.get(key!));
  if (!list) return 0;
  let left = most === 0 ? list.length : Math.abs(most);
  const kept: string[] = [];
  for (const one of most < 0 ? list.toReversed() : list) {
    if (one === text && left > 0) left--;
    else kept.push(one);
  }
  const removed = list.length - kept.length;
  if (removed > 0) db.set(key!, most < 0 ? kept.reverse() : kept, true);
  return removed;
}

/** The arguments of slice(): both ends of Redis' ranges are inside, and count from the end below 0. */
function range(list: string[], start: number, stop: number): [number, number] {
  const from = Math.max(0, start < 0 ? list.length + start : start);
  return [from, Math.max(from, (stop < 0 ? list.length + stop : stop) + 1)];
}

function bytesOf(texts: string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

import { matchPattern } from '../../runtime/shell/pattern.ts';
import { type Call, type Command, type Commands, integer, SYNTAX } from '../command.ts';
import { infoText } from '../info.ts';
import { Failure, OK, Pairs, type Reply, Status, VERSION } from '../resp.ts';
import { CHANGEABLE, setSetting } from '../settings.ts';

/** What concerns the server and the connection. */
export const server: Commands = {
  ping: {
    arity: -1,
    run({ args, name }) {
      if (args.length > 1) throw new Failure(`ERR wrong number of arguments for '${name}' command`);
      return args[0] ?? new Status('PONG');
    },
  },
  echo: { arity: 2, run: ({ args }) => args[0]! },
  select: {
    arity: 2,
    run({ args, from, server: { keyspace } }) {
      const db = keyspace.databases[integer(args[0])];
      if (!db) throw new Failure('ERR DB index is out of range');
      from.db = db;
      return OK;
    },
  },
  hello: { arity: -1, run: hello },
  auth: {
    arity: -2,
    run() {
      throw new Failure(
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      );
    },
  },
  quit: {
    arity: -1,
    run({ from }) {
      from.closing = true;
      return OK;
    },
  },
  reset: {
    arity: 1,
    run({ from, server: { keyspace } }) {
      from.db = keyspace.databases[0]!;
      from.version = 2;
      from.name = '';
      from.forgetTransaction();
      return new Status('RESET');
    },
  },
  info: { arity: -1, run: ({ server: all, args }) => infoText(all, args) },
  time: {
    arity: 1,
    run: ({ server: all }) => [String(Math.floor(all.now() / 1000)), String((all.now() % 1000) * 1000)],
  },
  client: words({
    id: ({ from }) => from.id,
    getname: ({ from }) => from.name || null,
    setname({ from, args }) {
      if (!/^[!-~]*$/.test(args[1] ?? ' '))
        throw new Failure('ERR Client names cannot contain spaces, newlines or special characters.');
      from.name = args[1]!;
      return OK;
    },
    setinfo: () => OK,
    list: ({ server: all }) => [...all.connections].map((one) => `${one.describe()}\n`).join(''),
    info: ({ from }) => `${from.describe()}\n`,
    kill: ({ server: all, args }) => {
      const [, filter = '', value] = args;
      const wanted = [...all.connections].filter((one) =>
        filter.toUpperCase() === 'ID' ? String(one.id) === value : one.address === (value ?? filter),
      );
      for (const one of wanted) one.close();
      if (value !== undefined) return wanted.length;
      if (wanted.length === 0) throw new Failure('ERR No such client');
      return OK;
    },
    'no-evict': () => OK,
    'no-touch': () => OK,
  }),
  config: words({
    get: ({ server: { settings }, args: [, ...patterns] }) =>
      new Pairs(
        Object.entries(settings).filter(([name]) =>
          patterns.some((pattern) => matchPattern(pattern.toLowerCase(), name)),
        ),
      ),
    set({ server: { settings, keyspace }, args: [, name = '', value] }) {
      if (value === undefined) throw new Failure("ERR wrong number of arguments for 'config|set' command");
      const known = name.toLowerCase();
      if (!Object.hasOwn(settings, known))
        throw new Failure(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`);
      const failed = `ERR CONFIG SET failed (possibly related to argument '${name}') - `;
      if (!CHANGEABLE.has(known)) throw new Failure(`${failed}can't set immutable config`);
      try {
        setSetting(settings, known, value);
      } catch (error) {
        throw new Failure(failed + (error as Error).message);
      }
      try {
        keyspace.makeRoom();
      } catch {
        // Nothing may be evicted: the next command that needs memory is told.
      }
      return OK;
    },
    resetstat({ server: { keyspace } }) {
      Object.assign(keyspace.counts, { hits: 0, misses: 0, expired: 0, evicted: 0 });
      return OK;
    },
  }),
  command: {
    arity: -1,
    run({ server: { commands }, args: [what] }) {
      const all = Object.entries(commands);
      if (what?.toLowerCase() === 'count') return all.length;
      if (what?.toLowerCase() === 'docs') return new Pairs([]);
      return all.map(([name, { arity }]): Reply => [name, arity, [], 0, 0, 0, [], [], [], []]);
    },
  },
  shutdown: {
    arity: -1,
    run({ server: all }) {
      all.shutdown();
      return OK;
    },
  },
};

/** A command whose first argument says what to do. */
function words(table: Readonly<Record<string, (call: Call) => Reply>>): Command {
  return {
    arity: -2,
    run(call) {
      const word = call.args[0]!.toLowerCase();
      if (!Object.hasOwn(table, word))
        throw new Failure(`ERR unknown subcommand '${call.args[0]}'. Try ${call.name.toUpperCase()} HELP.`);
      return table[word]!(call);
    },
  };
}

/** https://redis.io/docs/latest/commands/hello/ */
function hello({ args: [version, ...words_], from }: Call): Reply {
  let name = from.name;
  if (version !== undefined) {
    const asked = integer(version, 'ERR Protocol version is not an integer or out of range');
    if (asked !== 2 && asked !== 3) throw new Failure('NOPROTO unsupported protocol version');
    for (let at = 0; at < words_.length; ) {
      const word = words_[at]!.toUpperCase();
      if (word === 'AUTH' && at + 2 < words_.length) at += 3;
      else if (word === 'SETNAME' && at + 1 < words_.length) {
        name = words_[at + 1]!;
        at += 2;
      } else throw new Failure(`${SYNTAX} in HELLO option '${words_[at]}'`);
    }
    from.version = asked;
  }
  from.name = name;
  return new Pairs([
    ['server', 'redis'],
    ['version', VERSION],
    ['proto', from.version],
    ['id', from.id],
    ['mode', 'standalone'],
    ['role', 'master'],
    ['modules', []],
  ]);
}

import { createServer, type Server } from 'node:net';
import { type Client, type Command, type Commands, type Shared, Waiting } from './command.ts';
import { hashes } from './commands/hashes.ts';
import { keys } from './commands/keys.ts';
import { lists } from './commands/lists.ts';
import { server as serverCommands } from './commands/server.ts';
import { strings } from './commands/strings.ts';
import { transactions } from './commands/transactions.ts';
import { Connection } from './connection.ts';
import { type Database, Keyspace } from './keyspace.ts';
import { Failure, type Reply, Status } from './resp.ts';
import type { Settings } from './settings.ts';

const EXPIRE_EVERY_MS = 100;
const QUEUED = new Status('QUEUED');
/** They are run in a transaction, not queued. */
const AT_ONCE = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);

/** What several programs share of a Redis: keys, clients, who waits for what. */
export class RedisServer implements Shared {
  readonly commands: Commands = {
    ...strings,
    ...lists,
    ...hashes,
    ...keys,
    ...serverCommands,
    ...transactions,
  };
  readonly connections = new Set<Connection>();
  readonly keyspace: Keyspace;
  readonly startedAt: number;
  readonly totals = { connections: 0, commands: 0, rejected: 0 };
  private readonly net: Server;
  /** Keys of lists that may have something now, for those who wait. */
  private readonly ready = new Map<string, { db: Database; key: string }>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    readonly settings: Settings,
    readonly now: () => number = Date.now,
    /** Called by SHUTDOWN. */
    readonly shutdown: () => void = () => this.close(),
  ) {
    this.keyspace = new Keyspace(settings, now, (db, key) => this.changed(db, key));
    this.startedAt = now();
    this.net = createServer((socket) => {
      if (this.connections.size >= Number(settings.maxclients)) {
        this.totals.rejected++;
        socket.on('error', () => undefined);
        socket.end('-ERR max number of clients reached\r\n');
        return;
      }
      this.connections.add(new Connection(++this.totals.connections, socket, this));
    });
    this.sweeper = setInterval(() => this.keyspace.expireSome(), EXPIRE_EVERY_MS);
  }

  /** Resolves to the port; 0 takes any free one. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.net.once('error', reject);
      this.net.listen(port, () => resolve((this.net.address() as { port: number }).port));
    });
  }

  close(): void {
    clearInterval(this.sweeper);
    this.net.close();
    for (const connection of this.connections) connection.close();
  }

  /** The answer to a request; undefined if it comes later. */
  run(from: Connection, words: string[]): Reply | undefined {
    this.totals.commands++;
    const found = this.find(words);
    if (found instanceof Failure) {
      if (from.queued) from.spoilt = true;
      return found;
    }
    if (from.queued && !AT_ONCE.has(words[0]!.toLowerCase())) {
      from.queued.push(words);
      return QUEUED;
    }
    const reply = this.perform(from, found, words);
    if (reply instanceof Waiting) {
      from.wait(reply);
      // Behind those who wait already.
      this.connections.delete(from);
      this.connections.add(from);
      return undefined;
    }
    this.serveWaiting();
    return reply;
  }

  gone(connection: Connection): void {
    this.connections.delete(connection);
  }

  runAtOnce(from: Client, words: string[]): Reply {
    const found = this.find(words);
    if (found instanceof Failure) return found;
    const reply = this.perform(from, found, words);
    return reply instanceof Waiting ? reply.late : reply;
  }

  private find(words: string[]): Command | Failure {
    const [name = '', ...args] = words;
    const known = name.toLowerCase();
    if (!Object.hasOwn(this.commands, known)) {
      const beginning = args
        .map((word) => `'${word.slice(0, 128)}' `)
        .join('')
        .slice(0, 128);
      return new Failure(
        `ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${beginning}`,
      );
    }
    const command = this.commands[known]!;
    if (command.arity > 0 ? words.length !== command.arity : words.length < -command.arity)
      return new Failure(`ERR wrong number of arguments for '${known}' command`);
    return command;
  }

  private perform(from: Client, command: Command, [name = '', ...args]: string[]): Reply | Waiting {
    try {
      if (command.grows) this.keyspace.makeRoom();
      return command.run({ name: name.toLowerCase(), args, db: from.db, from, server: this });
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  }

  private changed(db: Database, key: string): void {
    const name = `${db.index} ${key}`;
    this.ready.set(name, { db, key });
    for (const one of this.connections) if (one.watched.has(name)) one.outdated = true;
  }

  /** Gives what came to those who wait for it, the first one first; what they do may serve others. */
  private serveWaiting(): void {
    for (const [name, { db, key }] of this.ready) {
      this.ready.delete(name);
      for (const one of this.waitingFor(db, key)) {
        const reply = this.tryToServe(one.waiting!, key);
        if (reply === undefined) break;
        one.answerLate(reply);
      }
    }
  }

  private waitingFor(db: Database, key: string): Connection[] {
    return [...this.connections].filter((one) => one.waiting?.keys.includes(key) && one.db === db);
  }

  private tryToServe(waiting: Waiting, key: string): Reply | undefined {
    try {
      return waiting.serve(key);
    } catch (error) {
      if (error instanceof Failure) return error.message.startsWith('WRONGTYPE') ? undefined : error;
      throw error;
    }
  }
}

import { connect, type Socket } from 'node:net';
import { RedisError, RedisReplies, type RedisReply, redisCommand } from './redis-replies.ts';

export interface RedisOptions {
  /** host:port */
  address: string;
  /** What CLIENT LIST shows it as. */
  name: string;
  /** A connection on which an answer is awaited and nothing has come for so long is given up; 0: never. */
  silentMs: number;
}

/** The connection was lost, or could not be made, before the answer came: nobody knows whether the command was carried out. */
export class RedisGone extends Error {
  override readonly name = 'RedisGone';
}

const CONNECT_MS = 2000;

/**
 * One connection to Redis, made when it is needed and again after it was lost; npm's client is too large for a ConfigMap. A
 * command that waits (BLMOVE) holds up those behind it: give it a connection of its own.
 */
export class Redis {
  private socket: Socket | undefined;
  private readonly pending: { resolve(reply: RedisReply): void; reject(error: Error): void }[] = [];

  constructor(private readonly options: RedisOptions) {}

  /** @throws RedisError if Redis refuses, RedisGone if no answer came. */
  ask(...words: (string | number)[]): Promise<RedisReply> {
    this.socket ??= this.open();
    return this.send(this.socket, words);
  }

  /** Carries out all of the commands or none, with nothing in between. */
  async together(commands: readonly (string | number)[][]): Promise<void> {
    const answers = [['MULTI'], ...commands, ['EXEC']].map((words) => this.ask(...words));
    await Promise.all(answers);
  }

  close(): void {
    this.socket?.destroy();
  }

  private send(socket: Socket, words: (string | number)[]): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject });
      socket.write(redisCommand(words));
      if (!socket.connecting) socket.setTimeout(this.options.silentMs);
    });
  }

  private open(): Socket {
    const { address, name, silentMs } = this.options;
    const colon = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    const replies = new RedisReplies();
    let why: Error | undefined;
    socket.setNoDelay(true);
    socket.setTimeout(CONNECT_MS);
    socket.once('connect', () => socket.setTimeout(silentMs));
    socket.on('timeout', () => {
      if (socket.connecting || this.pending.length > 0)
        socket.destroy(new Error('nothing came for too long'));
    });
    socket.on('data', (chunk) => {
      try {
        for (const reply of replies.add(chunk)) this.answer(reply);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', (error) => {
      why = error;
    });
    socket.once('close', () => {
      this.socket = undefined;
      const error = new RedisGone(
        `no answer from ${address}: ${why?.message ?? 'the connection was closed'}`,
      );
      for (const one of this.pending.splice(0)) one.reject(error);
    });
    this.send(socket, ['CLIENT', 'SETNAME', name]).catch(() => undefined);
    return socket;
  }

  private answer(reply: RedisReply): void {
    const one = this.pending.shift();
    if (reply instanceof RedisError) one?.reject(reply);
    else one?.resolve(reply);
  }
}

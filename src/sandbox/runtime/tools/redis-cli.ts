import type { Duplex } from 'node:stream';
import {
  RedisError,
  RedisReplies,
  type RedisReply,
  redisCommand,
} from '../../../shop/programs/shared/redis-replies.ts';
import { splitWords } from '../../redis/resp.ts';
import { readAll } from '../shell/streams.ts';
import { options, type Tool, type ToolCall } from './tool.ts';

/** `redis-cli [-h host] [-p port] [-n db] [--no-raw] command …`; without a command, one a line of the input. */
export const redisTools: Record<string, Tool> = { 'redis-cli': redisCli };

async function redisCli(call: ToolCall): Promise<number> {
  const { args, command } = splitArguments(call.args);
  const { flags, values } = options(args, 'hpna');
  const host = values.h ?? '127.0.0.1';
  const port = Number(values.p ?? 6379);
  if (flags.has('--version') || flags.has('v')) {
    call.print('redis-cli 7.0.15\n');
    return 0;
  }
  const link = await Link.open(call, host, port);
  if (!link) return 1;
  const show = flags.has('--no-raw') ? (reply: RedisReply) => `${shown(reply)}\n` : raw;
  try {
    for (const words of [...preamble(values), ...(await commandsOf(call, command))]) {
      const reply = await link.ask(words);
      if (words.silent && !(reply instanceof RedisError)) continue;
      call.print(show(reply));
    }
    return 0;
  } catch (error) {
    call.complain(`Error: ${(error as Error).message}\n`);
    return 1;
  } finally {
    link.close();
  }
}

type Words = string[] & { silent?: true };

/** The command begins with the first word that is no option. */
function splitArguments(all: readonly string[]): { args: string[]; command: string[] } {
  let at = 0;
  while (at < all.length && all[at]!.startsWith('-')) at += /^-[hpna]$/.test(all[at]!) ? 2 : 1;
  return { args: all.slice(0, at), command: all.slice(at) };
}

function preamble({ a, n }: Record<string, string>): Words[] {
  const silent = (words: string[]): Words => Object.assign(words, { silent: true as const });
  return [...(a ? [silent(['AUTH', a])] : []), ...(n ? [silent(['SELECT', n])] : [])];
}

/** One command, or one a line of what is typed in: words as bytes, as Redis has them. */
async function commandsOf(call: ToolCall, command: string[]): Promise<Words[]> {
  const bytes = (word: string) => Buffer.from(word).toString('latin1');
  if (command.length > 0) return [command.map(bytes)];
  const text = (await readAll(call.stdin)).toString('latin1');
  return text
    .split('\n')
    .map((line) => splitWords(line))
    .filter((words) => words.length > 0 && words[0] !== 'quit' && words[0] !== 'exit');
}

/** One answer for each command, in their order. */
class Link {
  private readonly replies = new RedisReplies('latin1');
  private readonly waiting: { resolve(reply: RedisReply): void; reject(error: Error): void }[] = [];

  private constructor(private readonly socket: Duplex) {
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const reply of this.replies.add(chunk)) this.waiting.shift()?.resolve(reply);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    const gone = (error?: Error) => {
      for (const one of this.waiting.splice(0))
        one.reject(error instanceof Error ? error : new Error('Server closed the connection'));
    };
    socket.once('error', gone);
    socket.once('end', gone);
    socket.once('close', gone);
  }

  static async open(call: ToolCall, host: string, port: number): Promise<Link | undefined> {
    try {
      const link = new Link(await call.host.network.connect(host, port));
      call.signal.addEventListener('abort', () => link.close(), { once: true });
      return link;
    } catch (error) {
      const why = PROBLEMS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
      call.complain(`Could not connect to Redis at ${host}:${port}: ${why}\n`);
      return undefined;
    }
  }

  ask(words: readonly string[]): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.socket.write(redisCommand(words, 'latin1'));
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

const PROBLEMS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
  ETIMEDOUT: 'Connection timed out',
  EHOSTUNREACH: 'No route to host',
};

/** As redis-cli prints where no terminal is: texts as they are, one a line. */
function raw(reply: RedisReply): string {
  return `${plain(reply)}\n`;
}

function plain(reply: RedisReply): string {
  if (reply === null) return '';
  if (reply instanceof RedisError) return `${reply.message}\n`;
  if (Array.isArray(reply)) return reply.map(plain).join('\n');
  return typeof reply === 'number' ? String(reply) : fromBytes(reply);
}

/** As redis-cli prints for people: numbered lists, quoted texts. */
function shown(reply: RedisReply, indent = ''): string {
  if (reply === null) return '(nil)';
  if (reply instanceof RedisError) return `(error) ${reply.message}`;
  if (typeof reply === 'number') return `(integer) ${reply}`;
  if (typeof reply === 'string') return quoted(reply);
  if (reply.length === 0) return '(empty array)';
  const width = String(reply.length).length;
  return reply
    .map((one, index) => {
      const label = `${String(index + 1).padStart(width)}) `;
      return `${index ? indent : ''}${label}${shown(one, indent + ' '.repeat(label.length))}`;
    })
    .join('\n');
}

function quoted(text: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };
  const inner = text.replace(
    /[\n\r\t"\\]|[^ -~]/g,
    (one) => escapes[one] ?? `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${inner}"`;
}

function fromBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

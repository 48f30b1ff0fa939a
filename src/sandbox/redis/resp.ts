/**
 * The protocol of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec/): requests are read, answers written.
 * Texts are binary: one character a byte (latin1).
 */

/** Of the Redis whose answers these are. */
export const VERSION = '7.0.15';

/** An answer: a bulk text, an integer, nothing, a list, or one of the classes below. */
export type Reply = string | number | null | Status | Failure | Pairs | readonly Reply[];

/** `+OK`. */
export class Status {
  constructor(readonly text: string) {}
}

/** `-ERR …`; also thrown by commands. */
export class Failure extends Error {}

/** A map in RESP3, a flat list in RESP2. */
export class Pairs {
  constructor(readonly pairs: readonly (readonly [string, Reply])[]) {}
}

export const OK = new Status('OK');
/** What a blocking command answers when its time is over: a list that is not there. */
export const NO_LIST = new Status('*-1');

export type Version = 2 | 3;

export function encode(reply: Reply, version: Version): string {
  if (reply === null) return version === 3 ? '_\r\n' : '$-1\r\n';
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (reply === NO_LIST) return version === 3 ? '_\r\n' : '*-1\r\n';
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (reply instanceof Failure) return `-${reply.message.replace(/[\r\n]/g, ' ')}\r\n`;
  if (reply instanceof Pairs) {
    const body = reply.pairs.map(([key, value]) => encode(key, version) + encode(value, version)).join('');
    return `${version === 3 ? `%${reply.pairs.length}` : `*${reply.pairs.length * 2}`}\r\n${body}`;
  }
  return `*${reply.length}\r\n${reply.map((one) => encode(one, version)).join('')}`;
}

export interface Limits {
  /** Bytes of one text. */
  bulk: number;
  /** Words of one request. */
  words: number;
  /** Bytes of a request that is not complete yet, and of requests that wait. */
  waiting: number;
}

/** A connection that sends this is told and closed. */
class ProtocolError extends Failure {
  constructor(what: string) {
    super(`ERR Protocol error: ${what}`);
  }
}

const MAX_INLINE = 64 * 1024;

/** Cuts what a connection sends into requests; throws a Failure for what is none, after which nothing is read. */
export class Requests {
  private chunks: Buffer[] = [];
  private held = 0;
  private at = 0;
  /** Nothing is looked at before so many bytes are there. */
  private needed = 0;
  /** Words of the request that is being read, and how many there will be. */
  private words: string[] = [];
  private expected = 0;

  constructor(private readonly limits: Limits) {}

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held > this.limits.waiting) throw new Failure('ERR Protocol error: too much at once');
  }

  /** The next whole request; undefined until more has come. */
  next(): string[] | undefined {
    if (this.held < this.needed) return undefined;
    this.join();
    for (;;) {
      if (this.expected === 0) {
        const line = this.line('too big inline request');
        if (line === undefined) return undefined;
        if (!line.startsWith('*')) {
          const words = splitWords(line);
          if (words.length > 0) return words;
          continue;
        }
        this.expected = Math.max(0, this.count(line.slice(1), this.limits.words, 'invalid multibulk length'));
        this.words = [];
        continue;
      }
      while (this.words.length < this.expected) {
        const word = this.word();
        if (word === undefined) return undefined;
        this.words.push(word);
      }
      this.expected = 0;
      return this.words;
    }
  }

  private word(): string | undefined {
    const start = this.at;
    const line = this.line('too big bulk count string');
    if (line === undefined) return undefined;
    if (!line.startsWith('$')) throw new ProtocolError(`expected '$', got '${line[0] ?? ' '}'`);
    const length = this.count(line.slice(1), this.limits.bulk, 'invalid bulk length');
    if (length < 0) throw new ProtocolError('invalid bulk length');
    const { bytes } = this;
    if (bytes.length < this.at + length + 2) {
      this.needed = this.at + length + 2;
      this.at = start;
      return undefined;
    }
    const word = bytes.toString('latin1', this.at, this.at + length);
    this.skipTo(this.at + length + 2);
    return word;
  }

  private count(text: string, most: number, problem: string): number {
    const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(number) || number > most) throw new ProtocolError(problem);
    return number;
  }

  private line(tooLong: string): string | undefined {
    const { bytes } = this;
    const end = bytes.indexOf(10, this.at);
    if (end < 0) {
      if (bytes.length - this.at > MAX_INLINE) throw new ProtocolError(tooLong);
      return undefined;
    }
    const line = bytes.toString('latin1', this.at, bytes[end - 1] === 13 && end > this.at ? end - 1 : end);
    this.skipTo(end + 1);
    return line;
  }

  /** What has come and was not read yet becomes one piece. */
  private join(): void {
    this.needed = 0;
    if (this.chunks.length < 2) return;
    const [first, ...rest] = this.chunks;
    this.chunks = [Buffer.concat([first!.subarray(this.at), ...rest])];
    this.at = 0;
    this.held = this.bytes.length;
  }

  private get bytes(): Buffer {
    return this.chunks[0] ?? EMPTY;
  }

  private skipTo(at: number): void {
    this.at = at;
    if (at < this.bytes.length) return;
    this.chunks = [];
    this.held = 0;
    this.at = 0;
  }
}

const EMPTY = Buffer.alloc(0);

/** The words of an inline request: quotes as redis-cli has them. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [, double, single, bare] of line.matchAll(
    /"((?:[^"\\]|\\.)*)"(?=\s|$)|'((?:[^'\\]|\\.)*)'(?=\s|$)|(\S+)/g,
  )) {
    if (bare !== undefined && /["']/.test(bare)) throw new ProtocolError('unbalanced quotes in request');
    words.push(
      bare ??
        single?.replaceAll("\\'", "'") ??
        double!.replace(/\\(x[0-9a-f]{2}|.)/gi, (_, code: string) => unescaped(code)),
    );
  }
  return words;
}

function unescaped(code: string): string {
  if (/^x../i.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  return { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }[code] ?? code;
}

/** An answer of Redis in its older protocol, RESP2. */
export type RedisReply = string | number | null | RedisError | RedisReply[];

/** Redis refused the command; the first word of the message is its kind: ERR, WRONGTYPE, OOM. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
}

/**
 * Cuts what Redis sends into answers (https://redis.io/docs/latest/develop/reference/protocol-spec/). Throws an Error for what is
 * none: the connection is of no use any more.
 */
export class RedisReplies {
  private held: Buffer = Buffer.alloc(0);

  constructor(private readonly encoding: 'utf8' | 'latin1' = 'utf8') {}

  /** The answers that are complete with this chunk. */
  add(chunk: Buffer): RedisReply[] {
    this.held = this.held.length ? Buffer.concat([this.held, chunk]) : chunk;
    const replies: RedisReply[] = [];
    let start = 0;
    for (;;) {
      const found = this.read(start);
      if (!found) break;
      replies.push(found.reply);
      start = found.end;
    }
    this.held = this.held.subarray(start);
    return replies;
  }

  private read(start: number): { reply: RedisReply; end: number } | undefined {
    const lineEnd = this.held.indexOf('\r\n', start);
    if (lineEnd < 0) return undefined;
    const text = this.held.toString(this.encoding, start + 1, lineEnd);
    const end = lineEnd + 2;
    switch (String.fromCharCode(this.held[start]!)) {
      case '+':
        return { reply: text, end };
      case '-':
        return { reply: new RedisError(text), end };
      case ':':
        return { reply: Number(text), end };
      case '$':
        return this.readText(Number(text), end);
      case '*':
        return this.readList(Number(text), end);
      default:
        throw new Error(
          `Expected an answer of Redis, got "${this.held.toString('latin1', start, start + 16)}".`,
        );
    }
  }

  private readText(length: number, start: number): { reply: RedisReply; end: number } | undefined {
    if (length < 0) return { reply: null, end: start };
    if (this.held.length < start + length + 2) return undefined;
    return { reply: this.held.toString(this.encoding, start, start + length), end: start + length + 2 };
  }

  private readList(length: number, start: number): { reply: RedisReply; end: number } | undefined {
    if (length < 0) return { reply: null, end: start };
    const list: RedisReply[] = [];
    let end = start;
    while (list.length < length) {
      const found = this.read(end);
      if (!found) return undefined;
      list.push(found.reply);
      end = found.end;
    }
    return { reply: list, end };
  }
}

/** A command as Redis reads it. */
export function redisCommand(
  words: readonly (string | number)[],
  encoding: 'utf8' | 'latin1' = 'utf8',
): Buffer {
  const parts = words.map(String).map((word) => `$${Buffer.byteLength(word, encoding)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join('')}`, encoding);
}

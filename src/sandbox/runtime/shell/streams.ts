import { OutOfMemory } from './control.ts';

/** The reader has gone; the writer ends as a process does by SIGPIPE. */
export class BrokenPipe extends Error {}

export interface Sink {
  write(chunk: Uint8Array): void;
  /** Who writes without end waits for it now and then. */
  drained?(): Promise<void>;
}

export type Source = AsyncIterable<Uint8Array>;

export async function* nothing(): AsyncGenerator<Uint8Array> {}

export async function* textSource(text: string): AsyncGenerator<Uint8Array> {
  if (text) yield Buffer.from(text);
}

/** What one command may collect before it goes on with it, in bytes. */
const MOST_COLLECTED = 256 * 2 ** 20;

/** Collects what is written; throws OutOfMemory when it is too much. */
export class Collector implements Sink {
  private readonly chunks: Uint8Array[] = [];
  private bytes = 0;

  write(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.bytes > MOST_COLLECTED) throw new OutOfMemory();
    this.chunks.push(Buffer.from(chunk));
  }

  content(): Buffer {
    return Buffer.concat(this.chunks);
  }

  text(): string {
    return this.content().toString('utf8');
  }
}

const BLOCK_BYTES = 64 * 1024;
/** What a pipe holds before who can wait is asked to. */
const FULL_BLOCKS = 16;

/** Connects two commands of a pipeline; many small writes are held as few blocks. */
export class Pipe implements Sink {
  private readonly blocks: Uint8Array[] = [];
  private open = Buffer.alloc(0);
  private used = 0;
  private ended = false;
  private broken = false;
  private wake: (() => void) | undefined;
  private room: (() => void)[] = [];

  write(chunk: Uint8Array): void {
    if (this.broken) throw new BrokenPipe();
    if (this.used + chunk.length > this.open.length) {
      this.closeBlock();
      this.open = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, chunk.length));
    }
    this.open.set(chunk, this.used);
    this.used += chunk.length;
    this.wake?.();
  }

  /** Resolves when the reader has taken most of what was written, or is done. */
  async drained(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.blocks.length < FULL_BLOCKS || this.broken) return;
    await new Promise<void>((resolve) => this.room.push(resolve));
  }

  /** The writer is done. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** The reader is done. */
  close(): void {
    this.broken = true;
    this.blocks.length = 0;
    this.used = 0;
    this.makeRoom();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.blocks.length === 0) this.closeBlock();
      const block = this.blocks.shift();
      if (this.blocks.length < FULL_BLOCKS) this.makeRoom();
      if (block) yield block;
      else if (this.ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  /** What was written since the last block is one, too. */
  private closeBlock(): void {
    if (this.used > 0) this.blocks.push(this.open.subarray(0, this.used));
    this.open = Buffer.alloc(0);
    this.used = 0;
  }

  private makeRoom(): void {
    for (const resolve of this.room.splice(0)) resolve();
  }
}

/** Everything until the end; throws OutOfMemory when it is too much. */
export async function readAll(source: Source): Promise<Buffer> {
  const collected = new Collector();
  for await (const chunk of source) collected.write(chunk);
  return collected.content();
}

/** Takes lines off a source one at a time; what follows stays for the next reader. */
export class LineReader {
  private rest = '';
  private readonly iterator: AsyncIterator<Uint8Array>;
  private ended = false;

  constructor(source: Source) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.rest.indexOf('\n');
      if (end >= 0) {
        const line = this.rest.slice(0, end);
        this.rest = this.rest.slice(end + 1);
        return line;
      }
      if (this.ended) {
        const line = this.rest || undefined;
        this.rest = '';
        return line;
      }
      const next = await this.iterator.next();
      if (next.done) this.ended = true;
      else this.rest += Buffer.from(next.value).toString('utf8');
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.rest) {
      const rest = this.rest;
      this.rest = '';
      yield Buffer.from(rest);
    }
    while (!this.ended) {
      const next = await this.iterator.next();
      if (next.done) this.ended = true;
      else yield next.value;
    }
  }
}

/** The streams of a command. */
export interface ShellIo {
  stdin: Source;
  stdout: Sink;
  stderr: Sink;
}

export function write(sink: Sink, text: string): void {
  sink.write(Buffer.from(text));
}

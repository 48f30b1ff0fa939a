/** The reader has gone; the writer ends as a process does by SIGPIPE. */
export class BrokenPipe extends Error {}

export interface Sink {
  write(chunk: Uint8Array): void;
}

export type Source = AsyncIterable<Uint8Array>;

export async function* nothing(): AsyncGenerator<Uint8Array> {}

export async function* textSource(text: string): AsyncGenerator<Uint8Array> {
  if (text) yield Buffer.from(text);
}

/** Collects what is written, up to a limit. */
export class Collector implements Sink {
  private readonly chunks: Uint8Array[] = [];

  write(chunk: Uint8Array): void {
    this.chunks.push(Uint8Array.from(chunk));
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

/** Connects two commands of a pipeline. */
export class Pipe implements Sink {
  private chunks: Uint8Array[] = [];
  private ended = false;
  private broken = false;
  private wake: (() => void) | undefined;

  write(chunk: Uint8Array): void {
    if (this.broken) throw new BrokenPipe();
    this.chunks.push(Uint8Array.from(chunk));
    this.wake?.();
  }

  /** The writer is done. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** The reader is done. */
  close(): void {
    this.broken = true;
    this.chunks = [];
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk) yield chunk;
      else if (this.ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }
}

export async function readAll(source: Source): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
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

import { Duplex } from 'node:stream';
import { dataFrame, type Frame, FrameReader, pingFrame, replyFrame, resetFrame } from './frames.ts';
import { emptyHeaders, HeaderReader } from './headers.ts';

/** How much one stream may hold that its reader has not taken, before the whole connection waits. */
const BUFFER_BYTES = 2 ** 20;

/** A stream that the other side opened. */
export class SpdyStream extends Duplex {
  constructor(
    readonly id: number,
    readonly headers: ReadonlyMap<string, string>,
    private readonly send: (frame: Buffer, done: (error?: Error | null) => void) => void,
    private readonly drained: () => void,
  ) {
    super({ readableHighWaterMark: BUFFER_BYTES });
  }

  override _read(): void {
    this.drained();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.send(dataFrame(this.id, chunk), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.send(dataFrame(this.id, Buffer.alloc(0), true), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished) this.send(resetFrame(this.id), () => undefined);
    done(error);
  }
}

/**
 * Serves the streams of one SPDY connection till `transport` ends; `accept` is given each stream that is opened.
 * Rejects with BrokenFrame. All streams are destroyed at the end.
 */
export async function serveSpdy(transport: Duplex, accept: (stream: SpdyStream) => void): Promise<void> {
  const frames = new FrameReader();
  const headers = new HeaderReader();
  const streams = new Map<number, SpdyStream>();
  let answered = 0;
  let wake: () => void = () => undefined;
  const send = (frame: Buffer, done: (error?: Error | null) => void): void => {
    if (transport.writable) transport.write(frame, done);
    else done();
  };
  const tell = (frame: Buffer): void => send(frame, () => undefined);
  async function take(frame: Frame): Promise<void> {
    if (frame.kind === 'ping') return tell(pingFrame(frame.id));
    if (frame.kind === 'open') {
      const stream = new SpdyStream(frame.stream, await headers.read(frame.headers), send, () => wake());
      // What comes of an error is up to who accepted it; without a listener it would end the sandbox.
      stream.on('error', () => undefined);
      stream.on('close', () => streams.delete(stream.id));
      streams.set(stream.id, stream);
      tell(replyFrame(stream.id, emptyHeaders(answered++ === 0)));
      accept(stream);
      if (frame.fin) stream.push(null);
    } else if (frame.kind === 'reset') {
      streams.get(frame.stream)?.destroy();
    } else if (frame.kind === 'data') {
      const stream = streams.get(frame.stream);
      if (!stream) return;
      if (frame.data.length > 0 && !stream.push(frame.data)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          stream.once('close', resolve);
        });
      }
      if (frame.fin) stream.push(null);
    }
  }

  try {
    for await (const chunk of transport) {
      for (const frame of frames.push(chunk as Buffer)) await take(frame);
    }
  } finally {
    headers.close();
    for (const stream of streams.values()) stream.destroy();
    transport.destroy();
  }
}

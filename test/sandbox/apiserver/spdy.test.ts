import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { constants, createDeflate, type Deflate } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BrokenFrame, dataFrame, FrameReader } from '../../../src/sandbox/apiserver/spdy/frames.ts';
import { type SpdyStream, serveSpdy } from '../../../src/sandbox/apiserver/spdy/session.ts';

/** One end of a connection whose other end the test holds. */
function connection(): { transport: Duplex; send(bytes: Uint8Array): void; end(): void; sent: Buffer[] } {
  const sent: Buffer[] = [];
  const transport = new Duplex({
    read: () => undefined,
    write: (chunk, _, done) => {
      sent.push(chunk);
      done();
    },
  });
  return { transport, send: (bytes) => transport.push(bytes), end: () => transport.push(null), sent };
}

/** A header block as a client makes it, here without the dictionary's words. */
async function block(deflate: Deflate, headers: Record<string, string>): Promise<Buffer> {
  const word = (value: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(value));
    return Buffer.concat([length, Buffer.from(value)]);
  };
  const count = Buffer.alloc(4);
  count.writeUInt32BE(Object.keys(headers).length);
  const plain = Buffer.concat([
    count,
    ...Object.entries(headers).flatMap(([key, value]) => [word(key), word(value)]),
  ]);
  deflate.write(plain);
  await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
  return deflate.read() as Buffer;
}

function open(stream: number, headers: Buffer): Buffer {
  const head = Buffer.alloc(18);
  head.writeUInt32BE(0x80030001, 0);
  head.writeUIntBE(10 + headers.length, 5, 3);
  head.writeUInt32BE(stream, 8);
  return Buffer.concat([head, headers]);
}

test('streams carry what was sent, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 50 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      async (texts, size) => {
        const deflate = createDeflate();
        const parts: Buffer[] = [];
        for (const [index, said] of texts.entries()) {
          const id = 2 * index + 1;
          parts.push(open(id, await block(deflate, { Port: String(id) })));
          parts.push(dataFrame(id, Buffer.from(said)), dataFrame(id, Buffer.alloc(0), true));
        }
        const bytes = Buffer.concat(parts);
        const { transport, send, end } = connection();
        const heard: Promise<[string | undefined, string]>[] = [];
        const over = serveSpdy(transport, (stream: SpdyStream) => {
          heard.push(text(stream).then((said) => [stream.headers.get('port'), said]));
        });
        for (let at = 0; at < bytes.length; at += size) send(bytes.subarray(at, at + size));
        await expect.poll(() => heard.length).toBe(texts.length);
        expect(await Promise.all(heard)).toEqual(texts.map((said, index) => [String(2 * index + 1), said]));
        end();
        await over;
      },
    ),
    { numRuns: 20 },
  );
});

const noise = fc.uint8Array({ minLength: 1, maxLength: 60 });
/** Nothing at all, or a frame that opens a stream with broken headers. */
const nonsense = fc.oneof(
  noise,
  noise.map((bytes) => open(1, Buffer.from(bytes))),
);

test('nonsense ends the connection and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(nonsense, { maxLength: 5 }), async (chunks) => {
      const { transport, send, end } = connection();
      const over = serveSpdy(transport, (stream) => stream.resume());
      for (const chunk of chunks) send(chunk);
      end();
      const outcome = await over.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (outcome !== undefined) expect(outcome).toBeInstanceOf(BrokenFrame);
      expect(transport.destroyed).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('a frame that claims to be huge is refused before it has come', () => {
  expect(() => new FrameReader().push(Buffer.from([0, 0, 0, 1, 0, 0xff, 0xff, 0xff]))).toThrow(BrokenFrame);
});

/**
 * The frames of SPDY/3.1 that port-forwarding uses (draft-mbelshe-httpbis-spdy-00, section 2.2): streams are opened,
 * answered, filled, half-closed and reset; pings are answered. Flow control is not used by kubectl's side either.
 */

export type Frame =
  | { kind: 'open'; stream: number; fin: boolean; headers: Buffer }
  | { kind: 'data'; stream: number; fin: boolean; data: Buffer }
  | { kind: 'reset'; stream: number }
  | { kind: 'ping'; id: number }
  | { kind: 'goaway' }
  /** One that needs no answer: settings, window updates, more headers. */
  | { kind: 'other' };

const types = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goaway: 7 } as const;
const VERSION = 3;
const FIN = 1;
const HEAD_BYTES = 8;
/** kubectl sends at most 32 KiB at a time. */
const MAX_FRAME_BYTES = 2 ** 20;

/** The other side does not speak SPDY/3. */
export class BrokenFrame extends Error {}

/** Cuts a stream of bytes into frames; throws BrokenFrame for what is no SPDY/3. */
export class FrameReader {
  private rest = Buffer.alloc(0);

  push(chunk: Uint8Array): Frame[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    while (this.rest.length >= HEAD_BYTES) {
      const length = this.rest.readUIntBE(5, 3);
      if (length > MAX_FRAME_BYTES) throw new BrokenFrame(`a SPDY frame of ${length} bytes is too long`);
      if (this.rest.length < HEAD_BYTES + length) break;
      frames.push(
        parse(this.rest.subarray(0, HEAD_BYTES), this.rest.subarray(HEAD_BYTES, HEAD_BYTES + length)),
      );
      this.rest = this.rest.subarray(HEAD_BYTES + length);
    }
    return frames;
  }
}

function parse(head: Buffer, body: Buffer): Frame {
  const fin = (head[4]! & FIN) !== 0;
  const first = head.readUInt32BE(0);
  if (first < 2 ** 31) return { kind: 'data', stream: first, fin, data: body };
  const version = head.readUInt16BE(0) & 0x7fff;
  if (version !== VERSION) throw new BrokenFrame(`expected SPDY version ${VERSION}, got ${version}`);
  const number = (): number => {
    if (body.length < 4) throw new BrokenFrame('a SPDY control frame is too short');
    return body.readUInt32BE(0) & 0x7fffffff;
  };
  switch (head.readUInt16BE(2)) {
    case types.synStream:
      // After the stream come the associated stream, a priority and a slot.
      return { kind: 'open', stream: number(), fin, headers: body.subarray(10) };
    case types.rstStream:
      return { kind: 'reset', stream: number() };
    case types.ping:
      number();
      return { kind: 'ping', id: body.readUInt32BE(0) };
    case types.goaway:
      return { kind: 'goaway' };
    default:
      return { kind: 'other' };
  }
}

export function dataFrame(stream: number, data: Uint8Array, fin = false): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(stream, 0);
  head[4] = fin ? FIN : 0;
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

/** `headers`: a compressed header block. */
export function replyFrame(stream: number, headers: Uint8Array): Buffer {
  return controlFrame(types.synReply, Buffer.concat([uint32(stream), headers]));
}

export function resetFrame(stream: number): Buffer {
  const internalError = 6;
  return controlFrame(types.rstStream, Buffer.concat([uint32(stream), uint32(internalError)]));
}

export function pingFrame(id: number): Buffer {
  return controlFrame(types.ping, uint32(id));
}

function controlFrame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

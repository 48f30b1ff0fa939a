import { createInflate } from 'node:zlib';
import { BrokenFrame } from './frames.ts';

/** No header block of port-forwarding comes near this. */
const MAX_BLOCK_BYTES = 64 * 1024;

/** Reads header blocks: all of one connection are one zlib stream, flushed after each block. */
export class HeaderReader {
  private readonly inflate = createInflate({ dictionary: dictionary() });
  private chunks: Buffer[] = [];
  private size = 0;
  private failure: Error | undefined;
  private failed: ((error: Error) => void) | undefined;

  constructor() {
    this.inflate.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.size += chunk.length;
      if (this.size > MAX_BLOCK_BYTES)
        this.inflate.destroy(new BrokenFrame('a SPDY header block is too long'));
    });
    this.inflate.on('error', (error: Error) => {
      this.failure = new BrokenFrame(error.message);
      this.failed?.(this.failure);
    });
  }

  /** Names (in lower case) to values. Rejects with BrokenFrame. Blocks are read one after another. */
  async read(block: Uint8Array): Promise<Map<string, string>> {
    this.chunks = [];
    this.size = 0;
    await new Promise<void>((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.failed = reject;
      this.inflate.write(block, (error) => (error ? reject(new BrokenFrame(error.message)) : resolve()));
    });
    return parseBlock(Buffer.concat(this.chunks));
  }

  close(): void {
    this.inflate.destroy();
  }
}

function parseBlock(block: Buffer): Map<string, string> {
  let at = 0;
  const number = (): number => {
    at += 4;
    if (at > block.length) throw new BrokenFrame('a SPDY header block is too short');
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const end = number() + at;
    if (end > block.length) throw new BrokenFrame('a SPDY header block is too short');
    const value = block.toString('utf8', at, end);
    at = end;
    return value;
  };
  const headers = new Map<string, string>();
  for (let left = number(); left > 0; left--) headers.set(text().toLowerCase(), text());
  return headers;
}

/**
 * A block without headers (the number 0) as a stored block of deflate, which needs no state of its own, and the
 * empty stored block of a flush, without which Go's reader waits for more.
 */
const emptyBlock = [0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** The header block of an answer; the first of a connection starts its zlib stream. */
export function emptyHeaders(first: boolean): Buffer {
  return Buffer.from(first ? [0x78, 0x01, ...emptyBlock] : emptyBlock);
}

/** What both sides' compression starts from (section 2.6.10.1): words with their lengths, then text. */
function dictionary(): Buffer {
  const words =
    'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age ' +
    'allow authorization cache-control connection content-base content-encoding content-language content-length ' +
    'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
    'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
    'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
    'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
    'keep-alive origin';
  const text =
    '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
    '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized' +
    '403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable' +
    'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
    'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,' +
    'text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';
  const entries = words.split(' ').map((word) => {
    const bytes = Buffer.from(word.replace('_', ' '));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat([...entries, Buffer.from(text)]);
}

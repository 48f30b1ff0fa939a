import type { Source } from '../shell/streams.ts';
import { BLOCK, type Entry, type Header, parseHeader, parseRecords } from './header.ts';

/** Nobody has names or records longer than this. */
const MAX_RECORD_BYTES = 64 * 1024;

/** An entry of an archive that is being read; its content has to be taken or skipped before the next one. */
export interface ReadEntry extends Entry {
  /** The content; more than `limit` bytes are thrown away and answered with undefined. */
  content(limit: number): Promise<Buffer | undefined>;
}

/** The entries of an archive, one after another; throws for what is no archive. */
export async function* readArchive(source: Source): AsyncGenerator<ReadEntry> {
  const bytes = new Bytes(source);
  let more: Partial<Entry> = {};
  for (;;) {
    const block = await bytes.take(BLOCK);
    if (block.length === 0) return;
    if (block.length < BLOCK) throw new Error('Unexpected EOF in archive');
    const header = parseHeader(block);
    // Two empty blocks end an archive; whatever follows does not count.
    if (!header) return bytes.drain();
    const special = await describe(header, bytes);
    if (special) {
      more = { ...more, ...special };
      continue;
    }
    let taken = false;
    const content = async (limit: number): Promise<Buffer | undefined> => {
      taken = true;
      return bytes.content(size, limit);
    };
    const { letter: _, ...plain } = header;
    const entry = { ...plain, ...more };
    const { size } = entry;
    more = {};
    yield { ...entry, content };
    if (!taken) await bytes.content(size, 0);
  }
}

/** What a record says of the entry that follows; undefined for an entry itself. */
async function describe({ letter, size }: Header, bytes: Bytes): Promise<Partial<Entry> | undefined> {
  if (!'xgLK'.includes(letter)) return undefined;
  const content = await bytes.content(size, MAX_RECORD_BYTES);
  if (!content) throw new Error('a record of the archive is too long');
  const name = content.toString('utf8').replace(/\0.*$/s, '');
  if (letter === 'L') return { name };
  if (letter === 'K') return { target: name };
  if (letter === 'g') return {};
  const records = parseRecords(content);
  return {
    ...(records.has('path') && { name: records.get('path')! }),
    ...(records.has('linkpath') && { target: records.get('linkpath')! }),
    ...(records.has('size') && { size: Number(records.get('size')) }),
  };
}

/** Takes a stream of chunks apart by length. */
class Bytes {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = Buffer.alloc(0);

  constructor(source: Source) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** That many bytes, or fewer at the end. */
  async take(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    await this.each(length, (part) => parts.push(part));
    return Buffer.concat(parts);
  }

  /** A content with what fills its last block. */
  async content(size: number, limit: number): Promise<Buffer | undefined> {
    const parts: Uint8Array[] = [];
    const fits = size <= limit;
    const got = await this.each(size, (part) => fits && parts.push(part));
    if (got < size) throw new Error('Unexpected EOF in archive');
    await this.each((BLOCK - (size % BLOCK)) % BLOCK, () => undefined);
    return fits ? Buffer.concat(parts) : undefined;
  }

  async drain(): Promise<void> {
    while (!(await this.chunks.next()).done);
  }

  private async each(length: number, use: (part: Uint8Array) => void): Promise<number> {
    let left = length;
    while (left > 0) {
      if (this.rest.length === 0) {
        const next = await this.chunks.next();
        if (next.done) break;
        this.rest = next.value;
        continue;
      }
      const part = this.rest.subarray(0, left);
      use(part);
      this.rest = this.rest.subarray(part.length);
      left -= part.length;
    }
    return length - left;
  }
}

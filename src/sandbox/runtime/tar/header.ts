/** The 512-byte headers of tar archives (POSIX ustar, and the pax and GNU records for long names). */

export type EntryType = 'file' | 'folder' | 'link' | 'hardlink' | 'other';

export interface Entry {
  name: string;
  type: EntryType;
  /** Permission bits. */
  mode: number;
  /** Bytes of content that follow. */
  size: number;
  /** Seconds since the epoch. */
  mtime: number;
  /** What a link points to. */
  target: string;
}

export const BLOCK = 512;

const letters: Record<string, EntryType> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'link',
  '5': 'folder',
};

export interface Header extends Entry {
  /** As in the archive: x and g are pax records, L and K long names of GNU. */
  letter: string;
}

/** Undefined for the empty block at the end; throws for what is no header. */
export function parseHeader(block: Buffer): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (octal(block, 148, 8) !== checksum(block)) throw new Error('this does not look like a tar archive');
  const ustar = text(block, 257, 5) === 'ustar';
  const prefix = ustar ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const letter = String.fromCharCode(block[156]!);
  return {
    name: prefix ? `${prefix}/${name}` : name,
    type: letters[letter] ?? 'other',
    letter,
    mode: octal(block, 100, 8) & 0o777,
    size: octal(block, 124, 12),
    mtime: octal(block, 136, 12),
    target: text(block, 157, 100),
  };
}

/** The header blocks of an entry: a pax record comes first for names that do not fit. */
export function printEntry(entry: Entry): Buffer {
  const records = [
    ...(Buffer.byteLength(entry.name) > 100 ? [record('path', entry.name)] : []),
    ...(Buffer.byteLength(entry.target) > 100 ? [record('linkpath', entry.target)] : []),
  ];
  const header = printHeader(entry, entry.type === 'folder' ? '5' : entry.type === 'link' ? '2' : '0');
  if (records.length === 0) return header;
  const content = Buffer.concat(records);
  const pax = printHeader({ ...entry, name: 'PaxHeaders/entry', target: '', size: content.length }, 'x');
  return Buffer.concat([pax, content, padding(content.length), header]);
}

/** What fills the last block of a content. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The records `length key=value\n` of a pax header. */
export function parseRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(' ', at);
    const length = Number(content.toString('latin1', at, space));
    if (space < 0 || !(length > 0)) throw new Error('a pax record of the archive is broken');
    const [key = '', ...value] = content.toString('utf8', space + 1, at + length - 1).split('=');
    records.set(key, value.join('='));
    at += length;
  }
  return records;
}

/** Its length counts the digits of the length too. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length++;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function printHeader({ name, mode, size, mtime, target }: Entry, letter: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (at: number, length: number, value: string): void =>
    void Buffer.from(value).copy(block, at, 0, length);
  const number = (at: number, length: number, value: number): void =>
    put(at, length, value.toString(8).padStart(length - 1, '0'));
  put(0, 100, name);
  number(100, 8, mode);
  number(108, 8, 0);
  number(116, 8, 0);
  number(124, 12, size);
  number(136, 12, mtime);
  put(156, 1, letter);
  put(157, 100, target);
  put(257, 8, 'ustar\x0000');
  put(265, 32, 'root');
  put(297, 32, 'root');
  put(148, 8, `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** The sum of all bytes, its own eight taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end < 0 || end > at + length ? at + length : end);
}

function octal(block: Buffer, at: number, length: number): number {
  return Number.parseInt(
    block
      .toString('latin1', at, at + length)
      .replace(/[^0-7]/g, ' ')
      .trim() || '0',
    8,
  );
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, padding, printEntry } from '../../../src/sandbox/runtime/tar/header.ts';
import { readArchive } from '../../../src/sandbox/runtime/tar/read.ts';

interface Whole extends Entry {
  text: string;
}

/** In pieces of that many bytes, as a network delivers them. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Buffer, size = 1000): Promise<Whole[]> {
  const entries: Whole[] = [];
  for await (const { content, ...entry } of readArchive(pieces(bytes, size))) {
    entries.push({ ...entry, text: (await content(2 ** 20))!.toString('utf8') });
  }
  return entries;
}

function packed(entries: Whole[]): Buffer {
  const parts = entries.flatMap(({ text, ...entry }) => [
    printEntry(entry),
    Buffer.from(text),
    padding(entry.size),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

const name = fc.stringMatching(/^[a-zé][a-zé0-9./ =-]{0,250}$/);
const entry: fc.Arbitrary<Whole> = fc
  .record({
    name,
    type: fc.constantFrom('file' as const, 'folder' as const, 'link' as const),
    mode: fc.integer({ min: 0, max: 0o777 }),
    mtime: fc.integer({ min: 0, max: 2 ** 31 }),
    target: name,
    text: fc.string({ maxLength: 2000 }),
  })
  .map((one) => {
    const text = one.type === 'file' ? one.text : '';
    const target = one.type === 'link' ? one.target : '';
    return { ...one, text, target, size: Buffer.byteLength(text) };
  });

test('what was packed is unpacked, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 4 }),
      fc.integer({ min: 1, max: 3000 }),
      async (list, size) => {
        expect(await unpacked(packed(list), size)).toEqual(list);
      },
    ),
    { numRuns: 200 },
  );
});

test('an archive that was cut off is refused, never half-read as whole', async () => {
  const whole = packed([
    { name: 'a', type: 'file', mode: 0o644, mtime: 1, target: '', text: 'x'.repeat(700), size: 700 },
  ]);
  for (const length of [100, 512, 600, 1200]) {
    await expect(unpacked(whole.subarray(0, length))).rejects.toThrow('Unexpected EOF');
  }
  await expect(unpacked(Buffer.alloc(2000, 'no archive'))).rejects.toThrow(
    'does not look like a tar archive',
  );
});

test('archives of the system’s tar are read, and ours by it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tar-'));
  try {
    const long = `${'folder-'.repeat(12)}/${'name-'.repeat(20)}`;
    mkdirSync(join(folder, 'in', 'folder-'.repeat(12)), { recursive: true });
    writeFileSync(join(folder, 'in', long), 'long');
    writeFileSync(join(folder, 'in', 'short'), 'short', { mode: 0o755 });
    symlinkSync('short', join(folder, 'in', 'link'));
    const theirs = await unpacked(execFileSync('tar', ['-cf', '-', '-C', join(folder, 'in'), '.']));
    const seen = theirs.map((one) => [one.name, one.type, one.text, one.target]).sort();
    expect(seen).toEqual(
      [
        ['./', 'folder', '', ''],
        [`./${'folder-'.repeat(12)}/`, 'folder', '', ''],
        [`./${long}`, 'file', 'long', ''],
        ['./short', 'file', 'short', ''],
        ['./link', 'link', '', 'short'],
      ].sort(),
    );
    mkdirSync(join(folder, 'out'));
    execFileSync('tar', ['-xf', '-', '-C', join(folder, 'out')], { input: packed(theirs) });
    expect(readFileSync(join(folder, 'out', long), 'utf8')).toBe('long');
    expect(readFileSync(join(folder, 'out', 'link'), 'utf8')).toBe('short');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

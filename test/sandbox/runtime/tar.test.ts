import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createTarPacker } from 'modern-tar';
import { expect, test } from 'vitest';
import { Collector, textSource } from '../../../src/sandbox/runtime/shell/streams.ts';
import {
  type ArchiveHeader,
  type ReadEntry,
  readArchive,
  writeArchive,
} from '../../../src/sandbox/runtime/tools/archive.ts';

interface Whole extends ArchiveHeader {
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

async function packed(entries: Whole[]): Promise<Buffer> {
  const collected = new Collector();
  await writeArchive(
    collected,
    async () => undefined,
    async (add) => {
      for (const { text, ...header } of entries) await add(header, Buffer.from(text));
    },
  );
  return collected.content();
}

const file = (name: string, text: string): Whole => ({ name, text, size: Buffer.byteLength(text) });

const name = fc.stringMatching(/^[a-zé][a-zé0-9./ =-]{0,250}$/);
const entry: fc.Arbitrary<Whole> = fc
  .record({
    name,
    type: fc.constantFrom('file' as const, 'directory' as const, 'symlink' as const),
    mode: fc.integer({ min: 0, max: 0o777 }),
    mtime: fc.integer({ min: 0, max: 2 ** 31 }).map((seconds) => new Date(seconds * 1000)),
    linkname: name,
    text: fc.string({ maxLength: 2000 }),
  })
  // A file whose name ends with a slash is a folder, in archives from before there were folders in them.
  .filter(({ type, name }) => type !== 'file' || !name.endsWith('/'))
  .map((one) => {
    const text = one.type === 'file' ? one.text : '';
    const linkname = one.type === 'symlink' ? one.linkname : '';
    return { ...one, text, linkname, size: Buffer.byteLength(text) };
  });

test('what was packed is unpacked, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 4 }),
      fc.integer({ min: 1, max: 3000 }),
      async (list, size) => {
        const all = await unpacked(await packed(list), size);
        expect(all.map(({ pax, uid, gid, uname, gname, ...rest }) => rest)).toMatchObject(list);
      },
    ),
    { numRuns: 200 },
  );
});

test('an archive that was cut off is refused, never half-read as whole', async () => {
  const whole = await packed([file('a', 'x'.repeat(700))]);
  for (const length of [100, 512, 600, 1200, 1536, 2048]) {
    await expect(unpacked(whole.subarray(0, length))).rejects.toThrow('Unexpected EOF');
  }
  await expect(unpacked(Buffer.alloc(2000, 'no archive'))).rejects.toThrow(
    'does not look like a tar archive',
  );
});

test('one wrong byte in a header refuses the archive, and no entry is left out', async () => {
  const whole = await packed([file('first', '1'), file('second', '2')]);
  whole[1024] = whole[1024]! ^ 1;
  await expect(unpacked(whole)).rejects.toThrow('does not look like a tar archive');
});

test('no program gets the rights of its owner by being unpacked', async () => {
  const [entry] = await unpacked(await packed([{ ...file('a', ''), mode: 0o4755 }]));
  expect(entry!.mode).toBe(0o755);
});

test('a content over the limit is thrown away, and what follows it is read', async () => {
  const archive = await packed([
    file('large', 'x'.repeat(2 ** 20)),
    file('small', 'y'),
    file('skipped', 'z'),
  ]);
  const seen: [string, string | undefined][] = [];
  for await (const { name, content } of readArchive(pieces(archive, 5000))) {
    if (name !== 'skipped') seen.push([name, (await content(2 ** 20 - 1))?.toString()]);
  }
  expect(seen).toEqual([
    ['large', undefined],
    ['small', 'y'],
  ]);
});

test('of a content that nobody has taken yet, little is held', async () => {
  const { readable, controller } = createTarPacker();
  const size = 2 ** 28;
  const body = controller.add({ name: 'endless', size }).getWriter();
  let sent = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    const chunk = Buffer.alloc(2 ** 16);
    const reader = readable.getReader();
    yield (await reader.read()).value!;
    for (; sent < size; sent += chunk.length) yield chunk;
  }
  const entries = readArchive(source());
  const { value } = (await entries.next()) as { value: ReadEntry };
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(value.size).toBe(size);
  expect(sent).toBeLessThan(4 * 2 ** 20);
  body.abort().catch(() => undefined);
});

test('what the reader or the writer of an archive throws is what the other side is told', async () => {
  const gone = new Error('the client has gone');
  const sink = {
    write: () => {
      throw gone;
    },
  };
  const packing = writeArchive(
    sink,
    async () => undefined,
    async (add) => {
      for (;;) await add(file('more', 'x'.repeat(2 ** 20)), Buffer.alloc(2 ** 20));
    },
  );
  await expect(packing).rejects.toBe(gone);
  const full = new Error('disk full');
  const stopped = writeArchive(
    new Collector(),
    async () => undefined,
    async () => Promise.reject(full),
  );
  await expect(stopped).rejects.toBe(full);
  const broken = readArchive(
    (async function* () {
      yield* textSource('');
      throw gone;
    })(),
  );
  await expect(broken.next()).rejects.toBe(gone);
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
    const seen = theirs.map((one) => [one.name, one.type, one.text, one.linkname]).sort();
    expect(seen).toEqual(
      [
        ['./', 'directory', '', ''],
        [`./${'folder-'.repeat(12)}/`, 'directory', '', ''],
        [`./${long}`, 'file', 'long', ''],
        ['./short', 'file', 'short', ''],
        ['./link', 'symlink', '', 'short'],
      ].sort(),
    );
    mkdirSync(join(folder, 'out'));
    execFileSync('tar', ['-xf', '-', '-C', join(folder, 'out')], { input: await packed(theirs) });
    expect(readFileSync(join(folder, 'out', long), 'utf8')).toBe('long');
    expect(readFileSync(join(folder, 'out', 'link'), 'utf8')).toBe('short');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

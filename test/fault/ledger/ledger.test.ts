import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src/fault/ledger/entry.ts';
import { createLedger, openLedger, readLedger } from '../../../src/fault/ledger/ledger.ts';
import { packageRoot } from '../../../src/paths.ts';

const cluster = { uid: '1234', server: 'https://127.0.0.1:1' };
const entry = (id: string): LedgerEntry => ({ type: 'verified', id, verdict: 'confirmed', seen: 'as set' });

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  file = join(folder, 'ledger.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function written(...ids: string[]): Promise<void> {
  const ledger = await createLedger(file, { game: 'g', cluster, at: 1 });
  await Promise.all(ids.map((id) => ledger.append(entry(id))));
  await ledger.close();
}

describe('the ledger', () => {
  it('keeps entries in the order in which they were appended, for its owner only', async () => {
    await written('a', 'b', 'c');
    const { entries } = await readLedger(file);
    expect(entries.slice(1)).toEqual([entry('a'), entry('b'), entry('c')]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps what was only noted in its place, flushed or followed by another', async () => {
    const ledger = await createLedger(file, { game: 'g', cluster, at: 1 });
    await Promise.all([ledger.note(entry('a')), ledger.append(entry('b')), ledger.note(entry('c'))]);
    await ledger.flush();
    expect(ledger.entries.slice(1)).toEqual([entry('a'), entry('b'), entry('c')]);
    await ledger.close();
    expect((await readLedger(file)).entries.slice(1)).toEqual([entry('a'), entry('b'), entry('c')]);
  });

  it('takes back what of an entry fitted on a full disk, so that the next one follows', async () => {
    const { code } = await onFullDisk(`
      const { createLedger } = require('./ledger.cjs');
      const entry = (id, seen) => ({ type: 'verified', id, verdict: 'confirmed', seen });
      (async () => {
        const ledger = await createLedger('ledger.jsonl', { game: 'g', cluster: { uid: '1', server: 'x' }, at: 1 });
        await ledger.append(entry('a', ''));
        const error = await ledger.append(entry('large', 'x'.repeat(100_000))).catch((error) => error);
        await ledger.append(entry('b', ''));
        process.exit(error.code === 'ledger-unwritable' ? 0 : 1);
      })();`);
    expect(code).toBe(0);
    const { entries } = await readLedger(file);
    expect(entries.map((each) => ('id' in each ? each.id : each.type))).toEqual(['opened', 'a', 'b']);
  });

  it('is never begun over another one', async () => {
    await written();
    await expect(createLedger(file, { game: 'h', cluster, at: 2 })).rejects.toMatchObject({
      code: 'ledger-exists',
    });
  });

  it('gives all whole entries and carries on, wherever its end was torn off', async () => {
    await written('a', 'b', 'c');
    const bytes = readFileSync(file);
    const starts = [0, ...[...bytes.keys()].filter((at) => bytes[at] === 10).map((at) => at + 1)];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length }), async (length) => {
        writeFileSync(file, bytes);
        truncateSync(file, length);
        const whole = starts.filter((start) => start > 0 && start <= length).length;
        const ledger = await openLedger(file);
        expect(ledger.entries).toHaveLength(whole);
        await ledger.append(entry('next'));
        await ledger.close();
        if (whole > 0) expect((await readLedger(file)).entries.at(-1)).toEqual(entry('next'));
      }),
      { numRuns: 60 },
    );
  });

  it('is refused when an entry in the middle was changed', async () => {
    await written('a', 'b');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"id":"a"', '"id":"x"'));
    await expect(readLedger(file)).rejects.toMatchObject({ code: 'ledger-damaged' });
  });

  it('is refused when an entry in the middle is missing', async () => {
    await written('a', 'b', 'c');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [lines[0], lines[1], ...lines.slice(3)].join('\n'));
    await expect(readLedger(file)).rejects.toMatchObject({ code: 'ledger-damaged' });
  });

  it('is refused when a later version wrote it', async () => {
    const ledger = await createLedger(file, { game: 'g', cluster, at: 1, version: 2 } as never);
    await ledger.close();
    await expect(openLedger(file)).rejects.toMatchObject({ code: 'ledger-newer' });
  });

  it('says which file is missing', async () => {
    await expect(openLedger(file)).rejects.toMatchObject({ code: 'ledger-missing', exitCode: 2 });
  });

  it('keeps what happened and drops pre-images when it is erased', async () => {
    const ledger = await createLedger(file, { game: 'g', cluster, at: 1 });
    const preimage = { sequence: 1, before: { data: { password: 'hunter2' } } };
    await ledger.append({ type: 'responder', preimage } as never);
    await ledger.append(entry('a'));
    await ledger.erase(5);
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
    await ledger.append(entry('b'));
    await ledger.close();
    const { entries } = await readLedger(file);
    expect(entries.map(({ type }) => type)).toEqual(['opened', 'verified', 'erased', 'verified']);
  });

  it('tolerates a last line without its line break being followed by more', async () => {
    await written('a');
    appendFileSync(file, '{"sum":"00');
    const ledger = await openLedger(file);
    await ledger.append(entry('b'));
    await ledger.close();
    expect((await readLedger(file)).entries.slice(1)).toEqual([entry('a'), entry('b')]);
  });
});

/** Runs a script where files end at 16 KiB, part of a write being done: that is how a disk fills up. */
async function onFullDisk(script: string): Promise<{ code: number | null }> {
  await build({
    entryPoints: [join(packageRoot, 'src/fault/ledger/ledger.ts')],
    outfile: join(folder, 'ledger.cjs'),
    bundle: true,
    platform: 'node',
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'script.cjs'), script);
  // In units of 512 bytes (POSIX); without the trap the system ends who goes on.
  const child = spawn('sh', ['-c', `trap '' XFSZ; ulimit -f 32; exec "${process.execPath}" script.cjs`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return { code };
}

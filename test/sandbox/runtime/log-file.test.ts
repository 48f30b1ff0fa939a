import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogFile } from '../../../src/sandbox/runtime/log-file.ts';
import { parseClock } from '../../../src/sandbox/runtime/usage.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function inFolder<T>(action: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  try {
    return action(join(folder, '0.log'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a line has its time, stream and text', () => {
  inFolder((path) => {
    const log = new LogFile(path, 1e6, () => NOW);
    log.write('stdout', Buffer.from('hello\nwor'));
    log.end();
    expect(readFileSync(path, 'utf8')).toBe(
      '2026-01-02T03:04:05.006000000Z stdout F hello\n2026-01-02T03:04:05.006000000Z stdout P wor\n',
    );
  });
});

test('however output is cut into pieces, the lines are the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(9), { minLength: 1 }), (text, cuts) => {
      inFolder((path) => {
        const log = new LogFile(path, 1e6, () => NOW);
        const bytes = Buffer.from(`${text}\n`);
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const size = 1 + cuts[index % cuts.length]!;
          log.write('stderr', bytes.subarray(at, at + size));
          at += size;
        }
        log.end();
        const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
        expect(lines.map((line) => line.split(' ').slice(3).join(' '))).toEqual(text.split('\n'));
      });
    }),
    { numRuns: 50 },
  );
});

test('a log that grows past its limit is rotated once', () => {
  inFolder((path) => {
    const log = new LogFile(path, 1000, () => NOW);
    for (let index = 0; index < 100; index++) log.write('stdout', Buffer.from(`line ${index}\n`));
    expect(readFileSync(path, 'utf8').length).toBeLessThan(1200);
    expect(readFileSync(path, 'utf8')).toContain('line 99\n');
    expect(readFileSync(`${path}.1`, 'utf8').length).toBeLessThan(1200);
  });
});

test('the clock of ps is read in all its forms', () => {
  expect(['00:01', '01:02:03', '2-00:00:01', '0:00.25'].map(parseClock)).toEqual([1, 3723, 172_801, 0.25]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { watchFile } from '../../src/shop/programs/shared/watched-file.ts';

let stop = (): void => undefined;
afterEach(() => stop());

function watch(text: string) {
  const path = join(mkdtempSync(join(tmpdir(), 'watched-')), 'value');
  writeFileSync(path, text);
  const heard: (number | string)[] = [];
  const parse = (found: string): number => {
    if (!/^\d+$/.test(found)) throw new Error(`no number: ${found}`);
    return Number(found);
  };
  const file = watchFile(path, parse, (result) =>
    heard.push('error' in result ? result.error.message.slice(0, 12) : result.value),
  );
  stop = file.stop;
  return { path, heard, file };
}

it('a file that is watched gives each new value once, and keeps the last good one', async () => {
  const { path, heard, file } = watch('1');
  writeFileSync(path, 'x');
  await expect.poll(() => heard, { timeout: 5000 }).toEqual([1, 'no number: x']);
  expect(file.current()).toBe(1);
  writeFileSync(path, '2');
  await expect.poll(() => heard, { timeout: 5000 }).toEqual([1, 'no number: x', 2]);
  expect(file.current()).toBe(2);
});

it('a file that was gone is read again when it comes back, though it says the same', async () => {
  const { path, heard, file } = watch('1');
  rmSync(path);
  await expect.poll(() => heard.at(-1), { timeout: 5000 }).toMatch(/^ENOENT/);
  expect(file.current()).toBe(1);
  writeFileSync(path, '1');
  await expect.poll(() => heard.at(-1), { timeout: 5000 }).toBe(1);
});

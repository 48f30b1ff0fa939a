import { appendFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogReader } from '../../../src/sandbox/kubelet/logs.ts';

let folder: string;
let path: string;
let reader: LogReader;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  path = join(folder, '0.log');
  reader = new LogReader(path);
});
afterEach(async () => {
  await reader.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (...texts: string[]) => {
  for (const text of texts) appendFileSync(path, `2026-01-01T00:00:00Z stdout F ${text}\n`);
};

async function rest(): Promise<string[]> {
  const texts: string[] = [];
  for (let entries = await reader.more(); entries.length > 0; entries = await reader.more())
    texts.push(...entries.map(({ text }) => text.trimEnd()));
  return texts;
}

test('what is written just before the pod is removed is read', async () => {
  write('first');
  expect(await rest()).toEqual(['first']);
  write('last words');
  rmSync(folder, { recursive: true });
  expect(await rest()).toEqual(['last words']);
});

test('what is written just before the log is rotated is read, once, before what comes after', async () => {
  write('first');
  expect(await rest()).toEqual(['first']);
  write('before');
  renameSync(path, `${path}.1`);
  write('after');
  expect(await rest()).toEqual(['before', 'after']);
  write('later');
  expect(await rest()).toEqual(['later']);
});

test('a log that is not there yet is read when it is', async () => {
  expect(await rest()).toEqual([]);
  write('first');
  expect(await rest()).toEqual(['first']);
});

test('what is there already is skipped where only what comes is asked for', async () => {
  write('old');
  await reader.toEnd();
  write('new');
  expect(await rest()).toEqual(['new']);
});

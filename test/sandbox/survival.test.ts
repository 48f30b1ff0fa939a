import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { SandboxFolder } from '../../src/sandbox/folder.ts';
import { errorLog, surviveErrors } from '../../src/sandbox/survival.ts';

const folder = mkdtempSync(join(tmpdir(), 'survival-'));
const log = join(folder, 'sandbox.log');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what escapes from a worker is written to the log with its stack, once in ten seconds, and ends nothing', () => {
  let now = 1_000_000;
  const process = new EventEmitter();
  new SandboxFolder(folder);
  surviveErrors(process, errorLog(log, { now: () => now }));
  const error = new TypeError('nobody expected it');
  process.emit('unhandledRejection', error);
  process.emit('uncaughtException', error);
  process.emit('uncaughtException', 'a text');
  now += 11_000;
  process.emit('uncaughtException', error);
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('1970'));
  expect(lines).toEqual([
    '1970-01-01T00:16:40.000Z TypeError: nobody expected it',
    '1970-01-01T00:16:40.000Z a text',
    '1970-01-01T00:16:51.000Z TypeError: nobody expected it',
  ]);
  expect(readFileSync(log, 'utf8')).toContain('survival.test.ts');
});

test('the log of a sandbox that died is kept, that of one that was stopped is not', () => {
  const own = new SandboxFolder(folder);
  writeFileSync(log, 'why');
  own.remove({ keepLog: true });
  expect(readFileSync(log, 'utf8')).toBe('why');
  new SandboxFolder(folder).remove({ keepLog: false });
  expect(existsSync(folder)).toBe(false);
});

test('what another sandbox has made in the same place meanwhile is left alone', () => {
  const own = new SandboxFolder(folder);
  writeFileSync(join(folder, 'sandbox.json'), JSON.stringify({ pid: 1 }));
  own.remove({ keepLog: false });
  expect(existsSync(join(folder, 'sandbox.json'))).toBe(true);
});

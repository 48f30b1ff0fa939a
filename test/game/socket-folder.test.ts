import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketFolder, socketName, sweepSocketFolders } from '../../src/game/api/socket-folder.ts';

let base: string;
let before: string | undefined;
beforeEach(() => {
  before = process.env.TMPDIR;
  base = mkdtempSync(join(tmpdir(), 'base-'));
  process.env.TMPDIR = base;
});
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(base, { recursive: true, force: true });
});

const long = new Date(Date.now() - 3_600_000);
const age = (folder: string) => utimesSync(folder, long, long);

/** A folder whose socket belongs to a process that was killed. */
async function abandoned(): Promise<string> {
  const folder = socketFolder();
  const listen = `require('net').createServer().listen(${JSON.stringify(join(folder, socketName))}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  return folder;
}

describe('the folders of sockets', () => {
  it('of games that were killed are removed, and so are empty ones', async () => {
    const dead = await abandoned();
    const empty = socketFolder();
    for (const folder of [dead, empty]) age(folder);
    await sweepSocketFolders();
    expect([dead, empty].filter(existsSync)).toEqual([]);
  });

  it('stay while somebody answers, while they are new, and where there is anything else', async () => {
    const alive = socketFolder();
    const server = createServer().listen(join(alive, socketName));
    await new Promise((resolve) => server.once('listening', resolve));
    const other = await abandoned();
    writeFileSync(join(other, 'notes'), 'mine');
    const named = join(base, 'desk-of-mine');
    mkdirSync(named);
    for (const folder of [alive, other, named]) age(folder);
    const fresh = await abandoned();
    try {
      await sweepSocketFolders();
      expect([alive, other, named, fresh].map(existsSync)).toEqual([true, true, true, true]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

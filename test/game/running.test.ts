import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { announceGame } from '../../src/game/api/current.ts';
import { findRunning } from '../../src/game/start/running.ts';
import { takeTurn } from '../../src/game/validate/turn.ts';
import { createGameFolder, validateHome } from '../../src/log/folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const here = { server: 'https://127.0.0.1:6443', sandbox: true };

it('two proofs on one cluster: the second is refused, and begins when the first has ended', () => {
  const end = takeTurn(home, here);
  expect(() => takeTurn(home, here)).toThrow(`runs on ${here.server} already (process ${process.pid})`);
  takeTurn(home, { server: 'https://elsewhere', sandbox: false })();
  end();
  takeTurn(home, here)();
  expect(readdirSync(validateHome(home))).toEqual([]);
});

it('a proof whose process was killed is in nobody’s way', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const end = takeTurn(home, here);
  const [name] = readdirSync(validateHome(home));
  const file = join(validateHome(home), name!);
  const turn = JSON.parse(readFileSync(file, 'utf8')) as object;
  end();
  writeFileSync(file, JSON.stringify({ ...turn, pid: child.pid }));
  expect(findRunning(home)).toEqual([]);
  takeTurn(home, here)();
});

it('case C7: what runs is every game of this user whose conductor is alive, and a proof between two games', () => {
  expect(findRunning(home)).toEqual([]);
  const end = takeTurn(home, here);
  expect(findRunning(home)).toEqual([{ what: '`misfortune validate`', pid: process.pid, sandbox: true }]);
  const folder = createGameFolder(home, 0);
  const tokens = { responder: 'r', master: 'm' };
  announceGame(home, folder, { version: 1, game: folder.id, pid: process.pid, socket: '/x', tokens });
  expect(findRunning(home)).toEqual([{ what: `game ${folder.id}`, pid: process.pid, sandbox: true }]);
  end();
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { realClock } from '../../src/clock.ts';
import { createLedger, type Ledger } from '../../src/fault/ledger/ledger.ts';
import { finish } from '../../src/fault/revert/finish.ts';
import { findUnrestored } from '../../src/game/start/unrestored.ts';
import { createGameFolder } from '../../src/log/folder.ts';

let home: string;
let ledger: Ledger;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  const { ledger: file, id } = createGameFolder(home, 0);
  ledger = await createLedger(file, { game: id, cluster: { uid: 'a', server: 'b' }, at: 0 });
});
afterEach(async () => {
  await ledger.close();
  rmSync(home, { recursive: true });
});

const clean = { differences: [], conflicts: [] };
const leaseThat = (release: () => Promise<void>) => ({ release });

it('a game that was killed when it had no more than its Lease is to be restored', async () => {
  expect(await findUnrestored(home)).toHaveLength(1);
});

it('a game whose Lease could not be let go is to be restored', async () => {
  const lease = leaseThat(() => Promise.reject(new Error('no answer')));
  await expect(finish({ ledger, lease, clock: realClock }, clean)).rejects.toThrow('no answer');
  expect(await findUnrestored(home)).toHaveLength(1);
});

it('a game that left something is to be restored', async () => {
  const left = { differences: ['job/batch/report-export: still being deleted'], conflicts: [] };
  await finish({ ledger, lease: leaseThat(() => Promise.resolve()), clock: realClock }, left);
  expect(await findUnrestored(home)).toHaveLength(1);
});

it('a game of which nothing is left needs nothing', async () => {
  await finish({ ledger, lease: leaseThat(() => Promise.resolve()), clock: realClock }, clean);
  expect(await findUnrestored(home)).toEqual([]);
});

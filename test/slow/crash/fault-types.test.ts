import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { recover } from '../../../src/fault/recover/recover.ts';
import { OutsideWorld } from '../../fault/outside-world.ts';
import { faultBreakages, heals, remadeService } from './breakages.ts';
import { type Breakage, bundleDriver, type EngineProcess, startEngine } from './engine-process.ts';
import { crashAtEach } from './matrix.ts';
import type { CrashPoint } from './proxy.ts';
import { CrashSite } from './site.ts';

/** Three times what whole games get: a crash of the engine alone takes a second or two. */
const most = 3 * Number(process.env.MISFORTUNE_CRASH_POINTS ?? Number.POSITIVE_INFINITY);
const world = new OutsideWorld();
let site: CrashSite;
let driver: string;
beforeAll(async () => {
  site = await CrashSite.start(world);
  driver = await bundleDriver('driver', site.plane.server.folder);
}, 120_000);
afterAll(() => site.close());

describe.each([...faultBreakages, remadeService])('$what', ({ what, breakage }) => {
  it('leaves nothing after recover, whichever write it was killed at', { timeout: 600_000 }, async () => {
    const writes = await playThrough(breakage);
    const wrong = await crashAtEach(what, writes, 1, (at, point) => crashAt(at, point, breakage), most);
    expect(wrong).toEqual([]);
    // The Lease is made and deleted, something is broken and, unless it heals by itself, put back.
    expect(writes.length).toBeGreaterThanOrEqual(heals.has(what) ? 3 : 4);
  });
});

/** Apply and revert without a crash: the writes, in order. */
async function playThrough(breakage: Breakage): Promise<string[]> {
  site.proxy.arm(undefined);
  const engine = startEngine(driver, site.kubeconfig, breakage);
  expect([await engine.ended, engine.errors()]).toEqual([0, '']);
  engine.remove();
  expect(await site.differences()).toEqual([]);
  return [...site.proxy.writes];
}

/** Kills the engine at a write, recovers twice, and gives what is different from before. */
async function crashAt(at: number, point: CrashPoint, breakage: Breakage): Promise<string[]> {
  let engine: EngineProcess | undefined;
  site.proxy.arm({ at, point, kill: () => engine!.kill() });
  engine = startEngine(driver, site.kubeconfig, breakage);
  const end = await engine.ended;
  if (end !== 'SIGKILL') return [`was not killed but ended with ${end}: ${engine.errors()}`];
  if (!existsSync(engine.ledgerFile)) return ['there is no ledger'];
  const options = {
    ledger: engine.ledgerFile,
    cluster: site.plane.cluster,
    clock: realClock,
    emit: () => undefined,
    undoResponder: true,
  };
  const first = await recover(options);
  const second = await recover(options);
  engine.remove();
  return [
    ...[first, second].flatMap((result) => [...result.differences, ...result.conflicts]),
    ...(second.already ? [] : ['the second recover found something to do']),
    ...(await site.differences()),
  ];
}

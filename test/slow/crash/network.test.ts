import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, realClock } from '../../../src/clock.ts';
import { type GameLease, leasePlace, takeLease } from '../../../src/cluster/access/lease.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import { createClusterLedger } from '../../../src/fault/ledger/cluster-ledger.ts';
import { createLedger, type Ledger } from '../../../src/fault/ledger/ledger.ts';
import { ledgerPair } from '../../../src/fault/ledger/pair.ts';
import { recover } from '../../../src/fault/recover/recover.ts';
import { finish } from '../../../src/fault/revert/finish.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { OutsideWorld } from '../../fault/outside-world.ts';
import { breakIt, faultBreakages, operationsOf, remadeService, scalesOf } from './breakages.ts';
import type { Breakage } from './engine-process.ts';
import { crashAtEach } from './matrix.ts';
import type { CountingProxy } from './proxy.ts';
import { CrashSite, maintenance as namespace } from './site.ts';
import { startWire, type Wire } from './wire.ts';

/**
 * What may happen to the network at a write: it is cut for longer than the tool has patience, the API server stops for
 * as long, or it is back while the tool still tries. Each before the write arrives, and when only its answer is missing.
 */
const troubles = ['cut', 'stopped', 'restarted'] as const;
const points = troubles.flatMap((trouble) => [`${trouble} before` as const, `${trouble} done` as const]);
type Point = (typeof points)[number];

const most = Number(process.env.MISFORTUNE_CRASH_POINTS ?? Number.POSITIVE_INFINITY);
const world = new OutsideWorld();

let site: CrashSite;
let wire: Wire;
let folder: string;
let games = 0;
/** How games with trouble ended. */
const ends = { ended: 0, 'gave up': 0 };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'network-'));
  site = await CrashSite.start(world, async (url) => {
    wire = await startWire(Number(new URL(url).port));
    return wire.url;
  });
}, 120_000);
afterAll(async () => {
  process.stdout.write(`network: ${ends['gave up']} games were given up, ${ends.ended} came through\n`);
  await wire.close();
  await site.close();
  rmSync(folder, { recursive: true });
});

describe.each([...faultBreakages, remadeService])('$what', ({ what, breakage }) => {
  it('leaves nothing after recover, at whichever write the network fails', { timeout: 600_000 }, async () => {
    const { writes, patience } = await played(breakage);
    // Of the Lease, of both places of the ledger, of what is broken.
    expect(writes.length).toBeGreaterThanOrEqual(6);
    const timeouts = { connect: patience, request: patience };
    const cluster = await connect({ kubeconfig: site.kubeconfig, timeouts });
    const fail = (at: number, point: Point) => failAt(at, point, breakage, { cluster, patience });
    const wrong = await crashAtEach(`${what}, ${patience} ms of patience`, writes, 1, fail, most, points);
    cluster.close();
    expect(wrong).toEqual([]);
  });
});

/**
 * Without trouble: nothing is left, and there is nothing to recover. Gives the writes, and how long a request is waited
 * for from then on: far shorter than in a game, so that giving up takes no minutes, and as long as this machine needs.
 */
async function played(breakage: Breakage): Promise<{ writes: string[]; patience: number }> {
  site.proxy.arm(undefined);
  const cluster = await connect({ kubeconfig: site.kubeconfig });
  let slowest = 0;
  const { ledgerFile, end } = await play(breakage, {
    cluster: timed(cluster, (ms) => {
      slowest = Math.max(slowest, ms);
    }),
    patience: 10_000,
  });
  cluster.close();
  const writes = [...site.proxy.writes];
  const { already } = await recoverFrom(ledgerFile);
  expect({ end, already, left: await site.differences() }).toEqual({ end: 'ended', already: true, left: [] });
  return { writes, patience: Math.round(Math.min(2000, Math.max(250, slowest * 3))) };
}

/** Tells how long each answer took, ms. */
function timed(cluster: Cluster, tell: (ms: number) => void): Cluster {
  return new Proxy(cluster, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const begun = realClock.mono();
        try {
          return await value.apply(target, args);
        } finally {
          tell(realClock.mono() - begun);
        }
      };
    },
  });
}

/** The network fails at a write, the tool goes on until it gives up, and people recover: what is different then. */
async function failAt(at: number, point: Point, breakage: Breakage, tool: Tool): Promise<string[]> {
  const [trouble, when] = point.split(' ') as [(typeof troubles)[number], 'before' | 'done'];
  let hit = false;
  const kill = async () => {
    hit = true;
    if (trouble === 'cut') return wire.cut();
    await wire.stop();
    if (trouble === 'restarted') setTimeout(() => void wire.mend(), 60);
  };
  let game = await play(breakage, tool, { at, point: when, kill });
  if (!hit) {
    // This machine was slower than ever before: once more.
    await recoverFrom(game.ledgerFile);
    game = await play(breakage, tool, { at, point: when, kill });
  }
  await wire.mend();
  site.proxy.arm(undefined);
  const { ledgerFile, end } = game;
  const first = await recoverFrom(ledgerFile);
  const second = await recoverFrom(ledgerFile);
  ends[end] += 1;
  return [
    ...(hit ? [] : ['the network was never in trouble']),
    ...(end === 'ended' && trouble !== 'restarted' ? ['it ended as if nothing had been'] : []),
    ...[first, second].flatMap((result) => [...result.differences, ...result.conflicts]),
    ...(end === 'ended' && !first.already ? ['it ended well, and there was something to recover'] : []),
    ...(second.already ? [] : ['the second recover found something to do']),
    ...(await site.differences()),
  ];
}

/** How the cluster is reached, and how long mending is tried again, ms. */
interface Tool {
  cluster: Cluster;
  patience: number;
}

/** As a game does: it breaks, mends, tries again while it has patience, and gives up. */
async function play(
  breakage: Breakage,
  { cluster, patience }: Tool,
  trouble?: Parameters<CountingProxy['arm']>[0],
): Promise<{ ledgerFile: string; end: 'ended' | 'gave up' }> {
  site.proxy.arm(trouble);
  games += 1;
  const ledgerFile = join(folder, `${games}.jsonl`);
  // Of a process that is gone by the time somebody recovers.
  const holder = `${hostname()}_4194305_${String(games).padStart(8, '0')}`;
  const operations = await operationsOf(breakage, site.plane.cluster);
  const identity = await clusterIdentity(site.plane.cluster);
  const scales = await scalesOf(site.plane.cluster);
  const head = { game: `${games}`, cluster: identity, at: games, namespace, scales };
  const file = await createLedger(ledgerFile, { ...head, lease: { ...leasePlace, holder } });
  let lease: GameLease | undefined;
  let ledger: Ledger = file;
  try {
    lease = await takeLease({ cluster, clock: quick, holder });
    ledger = ledgerPair(file, await createClusterLedger({ cluster, clock: quick, namespace }, file.entries));
    const engine = { cluster, ledger, clock: quick, emit: () => undefined };
    await breakIt(breakage, operations, engine).catch(() => undefined);
    const begun = realClock.mono();
    for (;;) {
      try {
        const restored = await revert(engine, { undoResponder: true });
        await finish({ ledger, lease, clock: quick }, restored);
        // What could not be put back is told, and left to `recover`.
        const isClean = restored.differences.length + restored.conflicts.length === 0;
        return { ledgerFile, end: isClean ? 'ended' : 'gave up' };
      } catch (error) {
        if (realClock.mono() - begun > patience) throw error;
        await quick.sleep(1000);
      }
    }
  } catch {
    return { ledgerFile, end: 'gave up' };
  } finally {
    await ledger.close();
    await lease?.release().catch(() => undefined);
  }
}

function recoverFrom(ledger: string) {
  return recover({
    ledger,
    cluster: site.plane.cluster,
    clock: realClock,
    emit: () => undefined,
    undoResponder: true,
  });
}

/** Waits take a twentieth: those between attempts are what a failing network costs. */
const quick: Clock = { ...realClock, sleep: (ms, signal) => realClock.sleep(ms / 20, signal) };

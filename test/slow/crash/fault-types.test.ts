import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { realClock } from '../../../src/clock.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare.ts';
import { leasePlace } from '../../../src/fault/lease.ts';
import { recover } from '../../../src/fault/recover.ts';
import { faultTypes } from '../../../src/fault/registry.ts';
import { createCertificates } from '../../../src/sandbox/apiserver/certificates.ts';
import { type ControlPlane, startControlPlane } from '../../fault/control-plane.ts';
import { breakages } from './breakages.ts';
import { type Breakage, bundleDriver, type EngineProcess, startEngine } from './engine-process.ts';
import { crashAtEach } from './matrix.ts';
import { type CountingProxy, type CrashPoint, startCountingProxy } from './proxy.ts';
import { OutsideWorld } from './run-operation.ts';

const world = new OutsideWorld();
let plane: ControlPlane;
let proxy: CountingProxy;
let driver: string;
let kubeconfig: string;
let before: Baseline;

beforeAll(async () => {
  plane = await startControlPlane({ onPod: world.onPod, logs: world.logs });
  const certificates = await createCertificates();
  proxy = await startCountingProxy({ url: plane.server.url, caPem: plane.server.caPem }, certificates);
  driver = await bundleDriver('driver', plane.server.folder);
  kubeconfig = join(plane.server.folder, 'proxied.kubeconfig');
  const config = parse(readFileSync(plane.server.kubeconfig, 'utf8'));
  config.clusters[0].cluster = {
    server: proxy.url,
    'certificate-authority-data': Buffer.from(certificates.caPem).toString('base64'),
  };
  writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
  before = await baseline();
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await plane.close();
});

const heals = new Set(
  Object.values(faultTypes)
    .filter(({ reverts }) => reverts === 'heals')
    .map(({ type }) => `a fault of the type ${type}`),
);

describe.each(breakages(world))('$what', ({ what, breakage }) => {
  it('leaves nothing after recover, whichever write it was killed at', { timeout: 600_000 }, async () => {
    const writes = await playThrough(breakage);
    const wrong = await crashAtEach(what, writes, 1, (at, point) => crashAt(at, point, breakage));
    expect(wrong).toEqual([]);
    // The Lease is made and deleted, something is broken and, unless it heals by itself, put back.
    expect(writes.length).toBeGreaterThanOrEqual(heals.has(what) ? 3 : 4);
  });
});

/** Apply and revert without a crash: the writes, in order. */
async function playThrough(breakage: Breakage): Promise<string[]> {
  proxy.arm(undefined);
  const engine = startEngine(driver, kubeconfig, breakage);
  expect([await engine.ended, engine.errors()]).toEqual([0, '']);
  engine.remove();
  expect(await differences()).toEqual([]);
  return [...proxy.writes];
}

/** Kills the engine at a write, recovers twice, and gives what is different from before. */
async function crashAt(at: number, point: CrashPoint, breakage: Breakage): Promise<string[]> {
  let engine: EngineProcess | undefined;
  proxy.arm({ at, point, kill: () => engine!.kill() });
  engine = startEngine(driver, kubeconfig, breakage);
  const end = await engine.ended;
  if (end !== 'SIGKILL') return [`was not killed but ended with ${end}: ${engine.errors()}`];
  if (!existsSync(engine.ledgerFile)) return ['there is no ledger'];
  const options = {
    ledger: engine.ledgerFile,
    cluster: plane.cluster,
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
    ...(await differences()),
  ];
}

async function differences(): Promise<string[]> {
  const lease = await plane.cluster.get({ kind: 'lease', group: 'coordination.k8s.io', ...leasePlace });
  return [
    ...compare(before, await baseline()),
    ...(lease ? ['the Lease is still there'] : []),
    ...(world.state === 'original' ? [] : [`what the Jobs changed is ${world.state}`]),
  ];
}

function baseline(): Promise<Baseline> {
  return takeBaseline(plane.cluster, ['shop', 'batch'], { clock: realClock });
}

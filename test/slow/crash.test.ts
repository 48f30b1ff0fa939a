import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { realClock } from '../../src/clock.ts';
import type { ClusterObject, Ref } from '../../src/cluster/cluster.ts';
import { formatRef } from '../../src/cluster/ref.ts';
import { type Baseline, compare, takeBaseline } from '../../src/fault/compare.ts';
import { leasePlace } from '../../src/fault/lease.ts';
import { recover } from '../../src/fault/recover.ts';
import type { Preimage } from '../../src/recorder/action.ts';
import { createCertificates } from '../../src/sandbox/apiserver/certificates.ts';
import { type ControlPlane, startControlPlane } from '../fault/control-plane.ts';
import { bundleDriver, type DrivenGame, startDrivenGame } from './crash/driven-game.ts';
import { type CountingProxy, type CrashPoint, crashPoints, startCountingProxy } from './crash/proxy.ts';

const faults = [
  {
    id: 'flood',
    type: 'load',
    spec: {
      target: 'service/shop/checkout',
      path: '/quote',
      rate: 200,
      replicas: 2,
      disguise: { name: 'report-export', namespace: 'batch' },
    },
  },
  {
    id: 'dead-entry',
    type: 'upstream',
    spec: { configMap: 'shop/edge-upstreams', key: 'upstreams.yaml', entry: 'till-4', becomes: 'dead' },
  },
  {
    id: 'small',
    type: 'patch',
    spec: {
      ref: 'deployment.apps/shop/storefront',
      set: { 'spec.template.spec.containers[name=storefront].resources.limits.memory': '512Mi' },
    },
  },
  {
    id: 'drift',
    type: 'config',
    spec: {
      configMap: 'shop/edge-upstreams',
      set: { comment: 'none' },
      restart: 'deployment.apps/shop/edge',
    },
  },
];

/** What a responder does in between: to objects that the game touched, and to others. */
const responses: { verb: 'patch' | 'delete' | 'create'; ref: Ref; body?: unknown }[] = [
  {
    verb: 'patch',
    ref: { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'checkout' },
    body: { spec: { replicas: 3 } },
  },
  {
    verb: 'patch',
    ref: { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' },
    body: { data: { 'upstreams.yaml': 'upstreams:\n  - name: till-1\n    address: storefront:8001\n' } },
  },
  { verb: 'delete', ref: { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-export' } },
  { verb: 'delete', ref: { kind: 'service', namespace: 'shop', name: 'storefront' } },
  {
    verb: 'create',
    ref: { kind: 'configmap', namespace: 'shop', name: 'findings' },
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'findings', namespace: 'shop' },
      data: { a: '1' },
    },
  },
];

let plane: ControlPlane;
let proxy: CountingProxy;
let driver: string;
let kubeconfig: string;
let before: Baseline;

beforeAll(async () => {
  plane = await startControlPlane();
  const certificates = await createCertificates();
  proxy = await startCountingProxy({ url: plane.server.url, caPem: plane.server.caPem }, certificates);
  driver = await bundleDriver(plane.server.folder);
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

describe.each([
  { who: 'nobody else', responding: false },
  { who: 'a responder who changes things in between', responding: true },
])('a game that is killed, with $who', ({ responding }) => {
  it('leaves nothing after recover, whichever write it was killed at', { timeout: 1_200_000 }, async () => {
    const writes = await playThrough(responding);
    let count = 0;
    const wrong: string[] = [];
    for (let at = 1; at <= writes.length; at += 1)
      for (const point of crashPoints) {
        const left = await crashAt(at, point, responding);
        count += 1;
        wrong.push(...left.map((line) => `${point} ${at} (${writes[at - 1]}): ${line}`));
      }
    process.stdout.write(
      `crash points: ${count} (${writes.length} writes, each ${crashPoints.join(', ')})\n`,
    );
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(3 * 8);
  });
});

/** A game without a crash: its writes, in order. */
async function playThrough(responding: boolean): Promise<string[]> {
  proxy.arm(undefined);
  const game = startDrivenGame(driver, kubeconfig, faults);
  await carryOn(game, responding);
  expect([await game.ended, game.errors()]).toEqual([0, '']);
  expect(await differences()).toEqual([]);
  game.remove();
  return [...proxy.writes];
}

/** Kills a game at a write, recovers, and gives what is different from before the game. */
async function crashAt(at: number, point: CrashPoint, responding: boolean): Promise<string[]> {
  let game: DrivenGame | undefined;
  proxy.arm({ at, point, kill: () => game!.kill() });
  game = startDrivenGame(driver, kubeconfig, faults);
  await carryOn(game, responding);
  const end = await game.ended;
  if (end !== 'SIGKILL') return [`was not killed but ended with ${end}: ${game.errors()}`];
  // Without a ledger nothing was changed; only the Lease may be there, and the next game takes it over.
  if (existsSync(game.ledgerFile)) {
    const options = {
      ledger: game.ledgerFile,
      cluster: plane.cluster,
      clock: realClock,
      emit: () => undefined,
    };
    const recovered = await recover({ ...options, undoResponder: true, baseline: before });
    const again = await recover({ ...options, undoResponder: true });
    game.remove();
    const lease = await plane.cluster.get({ kind: 'lease', group: 'coordination.k8s.io', ...leasePlace });
    return [
      ...recovered.differences,
      ...recovered.conflicts,
      ...recovered.fromBaseline!,
      ...again.differences,
      ...(lease ? ['the Lease is still there'] : []),
    ];
  }
  game.remove();
  return differences();
}

async function carryOn(game: DrivenGame, responding: boolean): Promise<void> {
  if (!(await game.injected)) return;
  if (responding) await respond(game);
  game.restore();
}

/** The responder goes by the API server itself, as another process does, and the game keeps the pre-images. */
async function respond(game: DrivenGame): Promise<void> {
  const { cluster } = plane;
  for (const [index, { verb, ref, body }] of responses.entries()) {
    const { apiVersion, kind, resource } = await cluster.kind(ref);
    const image = await cluster.get(ref);
    const preimage: Preimage = {
      ...{ sequence: index + 1, actionId: `action-${index}`, at: 0, who: 'responder', verb },
      ...{ apiVersion, kind, resource, namespace: ref.namespace, name: ref.name },
      ...(image && { before: image }),
    };
    if (!(await game.keep({ type: 'responder', preimage }))) throw new Error(`died before ${formatRef(ref)}`);
    let after: ClusterObject | undefined;
    if (verb === 'patch') after = await cluster.patch(ref, 'merge', body);
    else if (verb === 'create') after = await cluster.create(body as ClusterObject);
    else await cluster.delete(ref);
    if (after) await game.keep({ type: 'responder', preimage: { ...preimage, after } });
  }
}

async function baseline(): Promise<Baseline> {
  return takeBaseline(plane.cluster, ['shop', 'batch'], { clock: realClock });
}

async function differences(): Promise<string[]> {
  return compare(before, await baseline());
}

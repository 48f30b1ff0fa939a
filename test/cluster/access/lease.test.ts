import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { holderIsDead, leasePlace, newHolder, takeLease } from '../../../src/cluster/access/lease.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import type { MisfortuneError } from '../../../src/errors.ts';
import { startTestServer, type TestServer } from '../../sandbox/apiserver/test-server.ts';

const ref = { kind: 'lease', group: 'coordination.k8s.io', ...leasePlace };

let server: TestServer;
let cluster: Cluster;

beforeAll(async () => {
  server = await startTestServer();
  cluster = await connect({ kubeconfig: server.kubeconfig });
});
afterAll(async () => {
  cluster.close();
  await server.close();
});
afterEach(async () => {
  await cluster.delete(ref);
});

const take = (more: Partial<Parameters<typeof takeLease>[0]> = {}) =>
  takeLease({ cluster, clock: realClock, seconds: 1, ...more });

describe('the Lease of a game', () => {
  it('is there while the game runs, says nothing of games, and is gone after it', async () => {
    const lease = await take();
    expect(JSON.stringify(await cluster.get(ref))).not.toMatch(/misfortune|chaos|game|\bfault/i);
    await lease.release();
    expect(await cluster.get(ref)).toBeUndefined();
  });

  it('refuses a second game as soon as the first one renews it', async () => {
    const first = await take();
    await expect(take()).rejects.toMatchObject({ code: 'other-game', exitCode: 3 });
    await first.release();
  });

  it('can be taken over after its full duration without a sign of life, whatever the clocks say', async () => {
    // As left by a machine whose clock is a year ahead.
    const renewTime = '2099-01-01T00:00:00.000000Z';
    const spec = { holderIdentity: 'elsewhere_1_00000000', leaseDurationSeconds: 1, renewTime };
    const metadata = { name: leasePlace.name, namespace: leasePlace.namespace };
    await cluster.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    const begun = performance.now();
    const lease = await take();
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1000);
    expect((await cluster.get(ref))?.spec).toMatchObject({
      holderIdentity: lease.identity.holder,
      leaseTransitions: 1,
    });
    await lease.release();
  });

  it('can be taken over at once from a process of this machine that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const holder = `${hostname()}_${child.pid}_00000000`;
    const dead = await take({ holder, seconds: 60 });
    const next = await take({ seconds: 60, isDead: holderIsDead });
    await dead.release();
    expect((await cluster.get(ref))?.spec).toMatchObject({ holderIdentity: next.identity.holder });
    await next.release();
  });

  it('does not call a living process dead, nor one of another machine', () => {
    expect(holderIsDead(newHolder())).toBe(false);
    expect(holderIsDead('elsewhere_999999_00000000')).toBe(false);
  });

  it('tells its holder when somebody deleted it', async () => {
    const lost = await new Promise<MisfortuneError>((resolve) => {
      void take({ onLost: resolve }).then(() => cluster.delete(ref));
    });
    expect(lost.code).toBe('lease-lost');
  });

  it('goes to one of two that ask at the same time', async () => {
    const results = await Promise.allSettled([take(), take()]);
    const held = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(held).toHaveLength(1);
    for (const lease of held) await lease.release();
  });
});

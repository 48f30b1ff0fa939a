import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, realClock } from '../../../src/clock.ts';
import type { Cluster, Ref } from '../../../src/cluster/cluster.ts';
import { rolloutState } from '../../../src/cluster/wait/rollout.ts';
import { until } from '../../../src/cluster/wait/until.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { readUnready, rolloutPatience } from '../../../src/fault/revert/rollouts.ts';
import type { Api, KubeObject } from '../../../src/sandbox/api.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { planFor, startTestGame, type TestGame } from '../game.ts';

const names = ['checkout', 'storefront'];
const refOfName = (name: string): Ref => ({ kind: 'deployment', group: 'apps', namespace: 'shop', name });
const variable = (name: string) => ({
  workload: { ref: `deployment.apps/shop/${name}`, env: { BROKEN: 'yes' }, wait: 'none' },
});
const faults = Object.fromEntries(names.map((name) => [name, variable(name)]));

let plane: ControlPlane;
let cluster: Cluster;
let game: TestGame;
/** Of which Deployment the pods crash again and again. */
let crashing: string | undefined;
/** How long was waited in all, ms; a wait takes a hundredth of it. */
let waited = 0;
const clock: Clock = {
  now: () => realClock.now(),
  mono: () => waited,
  sleep: async (ms) => {
    await delay(ms / 100);
    waited += ms;
  },
};

beforeAll(async () => {
  plane = await startControlPlane({ onPod: crash });
  cluster = plane.cluster;
});
afterAll(() => plane.close());
beforeEach(() => {
  waited = 0;
});
afterEach(async () => {
  await game.end();
  crashing = undefined;
  for (const name of names) await place(name, null);
  await cluster.patch(refOfName('checkout'), 'merge', { spec: { minReadySeconds: null } });
  await rolledOut();
});

describe('a workload that does not become ready', () => {
  it('is waited for together with all others, within one limit, and named', async () => {
    await begin(faults);
    for (const name of names) await place(name, { no: 'where' });
    const { differences, conflicts, left } = await restore();
    expect({ differences, conflicts }).toEqual({ differences: [], conflicts: [] });
    expect(left).toEqual(
      expect.arrayContaining(
        names.map((name) =>
          expect.stringMatching(
            new RegExp(
              `^deployment.apps/shop/${name}: restored, but not rolled out yet: \\d of \\d pods new`,
            ),
          ),
        ),
      ),
    );
    expect(waited).toBeGreaterThanOrEqual(rolloutPatience);
    expect(waited).toBeLessThan(rolloutPatience + 10_000);
    const verdicts = game.events.filter(({ type }) => type === 'operation-reverted');
    expect(verdicts).toEqual(names.map(() => expect.objectContaining({ verdict: 'inconclusive' })));
  });

  it('is not waited for at all where it was not ready before the game either', async () => {
    await place('checkout', { no: 'where' });
    await expect
      .poll(async () => (await readUnready(cluster, ['shop'])).map(({ name }) => name))
      .toEqual(['checkout']);
    await begin(faults);
    const { differences, left } = await restore();
    expect(differences).toEqual([]);
    expect(left).toEqual([expect.stringContaining('it was not ready before the game either')]);
    expect(waited).toBeLessThan(30_000);
  });

  it('is given up early where its pods go on crashing after all was put back', async () => {
    // A pod on paper is ready when it is made: it must not count as available before it crashes.
    await cluster.patch(refOfName('checkout'), 'merge', { spec: { minReadySeconds: 1 } });
    await rolledOut();
    await begin(faults);
    await rolledOut();
    crashing = 'checkout';
    const { differences, left } = await restore();
    expect(differences).toEqual([]);
    expect(left).toEqual([
      expect.stringMatching(/^deployment\.apps\/shop\/checkout: .*; pod checkout-\S+ goes on crashing$/),
    ]);
    expect(waited).toBeLessThan(rolloutPatience);
  });

  it('does not fail a restore by pods that were killed, where it was not ready before the game', async () => {
    const plan = await planFor(cluster, { kill: { kill: { target: 'deployment.apps/shop/checkout' } } });
    await place('checkout', { no: 'where' });
    game = await startTestGame(cluster, { unready: [refOfName('checkout')] });
    await apply(plan.operations, game.engine);
    expect((await restore()).differences).toEqual([]);
    expect(waited).toBeLessThan(30_000);
    expect(game.events).toContainEqual(
      expect.objectContaining({
        type: 'operation-reverted',
        seen: expect.stringMatching(/^not waited for: .*, as before the game$/),
      }),
    );
  });
});

async function begin(wanted: Record<string, Record<string, unknown>>): Promise<void> {
  const { operations } = await planFor(cluster, wanted);
  game = await startTestGame(cluster, { unready: await readUnready(cluster, ['shop']) });
  await apply(operations, game.engine);
}

async function restore() {
  return await revert({ ...game.engine, clock }, { undoResponder: false });
}

/** Somebody else lets its pods run only on nodes that are not there. */
async function place(name: string, nodeSelector: Record<string, string> | null): Promise<void> {
  const spec = nodeSelector ? { nodeSelector } : { nodeSelector: null };
  await cluster.patch(refOfName(name), 'merge', { spec: { template: { spec } } });
}

async function rolledOut(): Promise<void> {
  const look = await until(
    async () => {
      const all = await Promise.all(names.map((name) => cluster.get(refOfName(name))));
      return { holds: all.every((each) => each && rolloutState(each).complete), seen: '' };
    },
    30,
    realClock,
  );
  expect(look.holds).toBe(true);
}

/** Its containers end four times, a tenth of a second after they were started, and then no more. */
function crash({ metadata }: KubeObject, api: Api): void {
  const { namespace, name, uid } = metadata;
  const restarts = api.get('pods', namespace, name)?.status.containerStatuses?.[0]?.restartCount ?? 0;
  const isHit = restarts > 0 || (crashing !== undefined && name.startsWith(`${crashing}-`));
  if (!isHit || restarts >= 5) return;
  const end = () => {
    if (api.get('pods', namespace, name)?.metadata.uid !== uid) return;
    const ready = restarts === 4;
    api.update(
      'pods',
      namespace,
      name,
      (draft) => {
        for (const status of draft.status.containerStatuses)
          Object.assign(status, { restartCount: restarts + 1, ready });
        for (const condition of draft.status.conditions)
          if (condition.type === 'Ready') condition.status = ready ? 'True' : 'False';
        return draft;
      },
      { subresource: 'status', by: 'kubelet' },
    );
  };
  if (restarts === 0) end();
  else setTimeout(end, 100);
}

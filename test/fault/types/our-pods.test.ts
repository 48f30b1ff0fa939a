import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';
import { refOf } from '../../../src/cluster/ref.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { bringGuardian, waitAcknowledged } from '../../../src/fault/guardian/bring.ts';
import type { GuardianSettings } from '../../../src/fault/guardian/settings.ts';
import type { Guard } from '../../../src/fault/plan/guard-rails.ts';
import { preflight } from '../../../src/fault/plan/preflight.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { podsRefused } from '../../../src/fault/types/shared/our-pods.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { flood, guard as opened, planFor, startTestGame, type TestGame } from '../game.ts';

const settings: GuardianSettings = {
  ...{ mode: 'game', namespace: 'maintenance', image: 'node:20-slim', imagePullSecrets: [], after: 30 },
};
const guard: Guard = { ...opened, guardian: settings };
const all = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
const quota = (namespace: string, hard: Record<string, string>): ClusterObject => ({
  ...{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'four', namespace } },
  spec: { hard },
});
const wide = (namespace: string) => quota(namespace, Object.fromEntries(all.map((each) => [each, '64Gi'])));

let plane: ControlPlane;
let cluster: Cluster;
let game: TestGame;
beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'maintenance' } });
});
afterAll(() => plane.close());
beforeEach(async () => {
  game = await startTestGame(cluster);
});
afterEach(async () => {
  for (const namespace of ['maintenance', 'batch']) await cluster.delete(refOf(quota(namespace, {})));
  await game.end();
});

const refusals = async (more: Partial<Guard> = {}) => {
  const found = await preflight(await planFor(cluster, { flood }), { ...guard, ...more }, cluster);
  return found.refusals;
};

describe('the pods that a game makes', () => {
  it('case F4: have all four values, so that a quota which demands them is met', async () => {
    await having([wide('maintenance'), wide('batch')]);
    expect(await refusals()).toEqual([]);
  });

  it('case F4: are tried out before anything is touched: what refuses a guardian is named, and what to set', async () => {
    await having([wide('maintenance')]);
    const lean = { ...settings, resources: { requests: { cpu: '10m', memory: '64Mi' } } };
    expect(await refusals({ guardian: lean })).toEqual([
      {
        code: 'pods-refused',
        message: expect.stringMatching(
          /^The pods of deployment\.apps\/maintenance\/maintenance-task are refused: .*quota.*four.*limits\.cpu/,
        ),
        todo: 'Set guardian.resources of the cluster in misfortune.yaml, or make room in the quota.',
      },
    ]);
  });

  it('case F5: are refused by preflight where a quota has no room for a Job’s pods', async () => {
    await having([quota('batch', { 'requests.cpu': '10m' })]);
    const [refusal, ...others] = await refusals();
    expect(others).toEqual([]);
    expect(refusal).toMatchObject({
      code: 'pods-refused',
      message: expect.stringMatching(
        /^The pods of job\.batch\/batch\/report-export are refused: exceeded quota: four/,
      ),
      todo: expect.stringContaining('Set resources of the cluster in misfortune.yaml'),
    });
  });

  it('case F5: are told of at once, in the words of their controller, where they are refused all the same', async () => {
    const { operations } = await planFor(cluster, { flood });
    await having([quota('batch', { 'requests.cpu': '10m' })]);
    const begun = performance.now();
    await apply(operations, game.engine);
    expect(performance.now() - begun).toBeLessThan(30_000);
    const verified = game.events.findLast((event) => event.type === 'operation-verified');
    expect(verified).toMatchObject({
      verdict: 'mismatch',
      seen: expect.stringMatching(/its pods are refused: .*exceeded quota: four/),
    });
    expect(await revert(game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
  });

  it('case F4: a guardian whose pods are refused is not waited for', async () => {
    await having([quota('maintenance', { pods: '0' })]);
    await bringGuardian(settings, [], '', { cluster, clock: realClock });
    const begun = performance.now();
    const waiting = waitAcknowledged('sum', settings, { cluster, clock: realClock });
    await expect(waiting).rejects.toMatchObject({
      code: 'pods-refused',
      message: expect.stringMatching(/maintenance-task are refused: exceeded quota: four/),
    });
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it.each([
    [
      'Could not create pods a/b: pods "b" is forbidden: violates PodSecurity "restricted:latest": x',
      /another namespace/,
    ],
    ['pods "b" is forbidden: maximum cpu usage per Container is 500m, but limit is 1', /Set resources/],
    [
      'Could not create pods a/b: admission webhook "signed.example" denied the request: not signed',
      /Meet that rule/,
    ],
  ])('are refused in the words of whatever refuses them: %s', (said, todo) => {
    const finding = podsRefused('job.batch/a/b', said, 'resources');
    expect(finding.todo).toMatch(todo);
    expect(finding.message).not.toContain('Could not create');
  });
});

async function having(objects: ClusterObject[]): Promise<void> {
  for (const object of objects) await cluster.create(object);
}

/** What the guardian does in the sandbox, as whole programs: the one who played never comes back, or comes back late. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Ref } from '../../../src/cluster/cluster.ts';
import { isPhase, Place, type PlainGame, startingMs } from './place.ts';
import { until } from './processes.ts';

const job: Ref = { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-export' };
const worker: Ref = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'worker' };
const ours = {
  namespace: 'maintenance',
  labelSelector: 'app.kubernetes.io/name in (maintenance,maintenance-task)',
};

let place: Place;
let elsewhere: string;
beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  place = new Place(5);
  await place.startSandbox();
}, startingMs);
afterAll(async () => {
  await place.close();
  rmSync(elsewhere, { recursive: true, force: true });
}, 60_000);
afterEach(async () => {
  await place.run(['recover']);
}, 60_000);

/** kill -9 of everything of ours but the sandbox. */
async function killGame(game: PlainGame): Promise<number> {
  process.kill(place.conductorPid(), 'SIGKILL');
  game.child.kill('SIGKILL');
  await game.ended;
  return performance.now();
}

const isThere = (ref: Ref) => place.withCluster(async (cluster) => (await cluster.get(ref)) !== undefined);
const deletePods = () =>
  place.withCluster(async (cluster) => {
    const pods = await cluster.list({ kind: 'pod' }, ours);
    for (const { metadata } of pods)
      await cluster.delete({ kind: 'pod', namespace: 'maintenance', name: metadata.name });
    return pods.length;
  });
const left = () =>
  place.withCluster(async (cluster) => {
    const kinds = [{ kind: 'secret' }, { kind: 'deployment' }, { kind: 'role' }, { kind: 'configmap' }];
    const lists = await Promise.all(kinds.map((kind) => cluster.list(kind, ours)));
    return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  });
/** `recover` as a teammate runs it: nothing but a kubeconfig. */
const teammate = async () => {
  const { kubeconfig, context } = place.sandbox();
  const args = ['recover', '--verify', '--json', '--context', context, '--kubeconfig', kubeconfig];
  const { exitCode, stdout, stderr } = await place.run(args, { MISFORTUNE_HOME: elsewhere });
  return { exitCode, stderr, games: JSON.parse(stdout) as { by?: string; fromBaseline?: string[] }[] };
};

describe('when the one who played never comes back', () => {
  it('the guardian restores, its pod deleted in between; a stranger’s edit stays; a teammate sees what is left', async () => {
    const game = await place.playing('haymaker');
    const killed = await killGame(game);
    const replicas = await place.withCluster(async (cluster) => {
      const { spec } = (await cluster.get(worker))!;
      await cluster.patch(worker, 'merge', { spec: { replicas: 3 } });
      return (spec as { replicas: number }).replicas;
    });
    await until('half the silence is over', async () => performance.now() - killed > 15_000, 20_000);
    expect(await deletePods()).toBe(1);
    expect(await isThere(job)).toBe(true);
    await until('the Job is gone', async () => !(await isThere(job)), 60_000);
    const seconds = (performance.now() - killed) / 1000;
    console.info(
      `restored ${seconds.toFixed(1)} s after kill -9, the pod of the guardian deleted in between`,
    );
    expect(seconds).toBeLessThan(60);

    const stranger = `deployment.apps/shop/worker spec.replicas: was ${replicas}, is 3`;
    const all = await Promise.all([teammate(), teammate()]);
    for (const { exitCode, stderr, games } of all) {
      expect(exitCode, stderr).toBe(0);
      expect(games).toMatchObject([{ by: 'guardian', fromBaseline: [stranger] }]);
    }
    const here = await place.run(['recover', '--json']);
    expect(JSON.parse(here.stdout)).toMatchObject([{ already: true, by: 'guardian' }]);
    expect((await place.run(['games'])).stdout).toContain('restored-by-guardian');
    expect(await left()).toEqual([]);
    await place.withCluster((cluster) => cluster.patch(worker, 'merge', { spec: { replicas } }));
  }, 240_000);

  it('`recover` may be started while the guardian is at it: one of them restores, both say so', async () => {
    const game = await place.playing('broken-upstream');
    await killGame(game);
    const recovered = await teammate();
    expect(recovered.exitCode, recovered.stderr).toBe(0);
    expect(recovered.games).toMatchObject([{ fromBaseline: [] }]);
    await place.run(['recover']);
    expect(await left()).toEqual([]);
    expect(await place.differences()).toEqual([]);
  }, 240_000);
});

describe('when the one who played comes back late', () => {
  it('a conductor that slept finds that the guardian has restored, and changes nothing more', async () => {
    const game = await place.playing('haymaker');
    const pid = place.conductorPid();
    process.kill(pid, 'SIGSTOP');
    await until('the Job is gone', async () => !(await isThere(job)), 90_000);
    process.kill(pid, 'SIGCONT');
    const ended = await game.happened('the game is over', isPhase('ended'));
    expect(ended).toBeDefined();
    await game.ended;
    expect(game.events).toContainEqual(
      expect.objectContaining({ type: 'ended', ending: 'restored-by-guardian' }),
    );
    expect(await left()).toEqual([]);
    expect(await place.differences()).toEqual([]);
  }, 240_000);
});

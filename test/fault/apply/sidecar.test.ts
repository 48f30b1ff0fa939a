import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import type { ClusterObject, Ref } from '../../../src/cluster/cluster.ts';
import { refOf } from '../../../src/cluster/ref.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { newNonce } from '../../../src/fault/ledger/nonce.ts';
import type { RunOperation } from '../../../src/fault/operation.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import type { Api, KubeObject } from '../../../src/sandbox/api.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { type FaultyProxy, startFaultyProxy } from '../faulty-proxy.ts';
import { flood, planFor, startTestGame, type TestGame } from '../game.ts';

const restored = { differences: [], conflicts: [] };
const disguise = { name: 'pod-janitor', namespace: 'batch', mesh: 'default' };
const killer = { kill: { target: 'deployment.apps/shop/checkout', every: '60s', disguise } };

let plane: ControlPlane;
let proxy: FaultyProxy;
let game: TestGame;
let before: Baseline;
/** What a Job that is run to its end acts on. */
let world = 'original';

const baseline = () => takeBaseline(plane.cluster, ['shop', 'batch'], { clock: realClock });

beforeAll(async () => {
  plane = await startControlPlane({ onPod: endMain, logs: () => world });
  proxy = await startFaultyProxy(plane.server);
  proxy.admit = inject;
});
afterAll(async () => {
  await proxy.close();
  await plane.close();
});
beforeEach(async () => {
  game = await startTestGame(proxy.cluster);
  before = await baseline();
});
afterEach(() => game.end());

describe('a side-car that a webhook adds to a Job of ours, and that never ends', () => {
  it.each([
    ['load', flood],
    ['kill', killer],
  ])('does not keep a %s alive past its end', async (_, fault) => {
    const { operations } = await planFor(proxy.cluster, { fault });
    const [job] = operations.flatMap((each) =>
      'object' in each && each.object.kind === 'Job' ? [each.object as JobObject] : [],
    );
    // The deadline of the plan outlasts a test.
    expect(job!.spec.activeDeadlineSeconds).toBeGreaterThan(600);
    job!.spec.activeDeadlineSeconds = 3;
    await apply(operations, game.engine);
    const ref = refOf(job!);
    await expect.poll(() => containersAt(ref), { timeout: 5000 }).toContain('proxy: running');
    const conditions = async () => {
      const now = (await plane.cluster.get(ref)) as { status?: { conditions?: object[] } } | undefined;
      return now?.status?.conditions ?? [];
    };
    await expect
      .poll(conditions, { timeout: 15_000 })
      .toContainEqual(expect.objectContaining({ type: 'Failed', reason: 'DeadlineExceeded' }));
    expect(await containersAt(ref)).toEqual([]);
    expect(await revert(game.engine, { undoResponder: true })).toEqual(restored);
    expect(compare(before, await baseline())).toEqual([]);
  });

  it('is removed with its Job by the restore, long before the deadline', async () => {
    const { operations } = await planFor(proxy.cluster, { flood });
    await apply(operations, game.engine);
    const verdicts = game.events.flatMap((event) =>
      event.type === 'operation-verified' ? [event.verdict] : [],
    );
    expect(verdicts).toEqual(['confirmed', 'confirmed']);
    expect(await revert(game.engine, { undoResponder: true })).toEqual(restored);
    expect(await containersAt(refOf((operations[1] as { object: ClusterObject }).object))).toEqual([]);
    expect(compare(before, await baseline())).toEqual([]);
  });

  it('does not hide that a Job which is run to its end has ended', async () => {
    await apply([lock()], game.engine);
    expect(world).toBe('injected');
    expect(await revert(game.engine, { undoResponder: true })).toEqual(restored);
    expect(world).toBe('original');
    expect(compare(before, await baseline())).toEqual([]);
  });
});

type JobObject = ClusterObject & {
  spec: { activeDeadlineSeconds?: number; template: { spec: { containers: { name: string }[] } } };
};

function inject(object: ClusterObject): ClusterObject {
  if (object.kind !== 'Job') return object;
  const job = structuredClone(object) as JobObject;
  const proxyContainer = { name: 'proxy', image: 'mesh/proxy:1', command: ['sleep', 'infinity'] };
  job.spec.template.spec.containers.push(proxyContainer);
  return job;
}

/** Of the Job's pods: `main: ended`, `proxy: running`. */
async function containersAt({ namespace, name }: Ref): Promise<string[]> {
  const pods = await plane.cluster.list({ kind: 'pods' }, { namespace });
  return pods
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.name === name))
    .flatMap(({ status }) => {
      const { containerStatuses = [] } = status as {
        containerStatuses?: { name: string; state: { terminated?: object } }[];
      };
      return containerStatuses.map((each) => `${each.name}: ${each.state.terminated ? 'ended' : 'running'}`);
    });
}

/** The program of a Job has done its work at once; the side-car beside it runs on, and so does the pod. */
function endMain(pod: KubeObject, api: Api): void {
  const owner = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'Job');
  const main = pod.status.containerStatuses?.find(({ name }: { name: string }) => name === 'main');
  if (!owner || !main || main.state.terminated) return;
  if (owner.name === 'report-lock') world = 'injected';
  if (owner.name === 'report-unlock') world = 'original';
  const { namespace, name } = pod.metadata;
  api.update(
    'pods',
    namespace,
    name,
    (draft) => {
      for (const status of draft.status.containerStatuses)
        if (status.name === 'main')
          Object.assign(status, {
            ready: false,
            state: { terminated: { exitCode: 0, reason: 'Completed' } },
          });
      return draft;
    },
    { subresource: 'status', by: 'kubelet' },
  );
}

function lock(): RunOperation {
  const job = (name: string): ClusterObject => {
    const container = { name: 'main', image: 'node:20-slim', command: ['true'] };
    return {
      ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'batch' } },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    };
  };
  return {
    ...{ id: 'lock-1', fault: 'lock', verb: 'run', afterMs: 0, ready: [], reverts: 'reverts', within: 20 },
    ref: { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-lock' },
    describe: 'hold a lock',
    nonce: newNonce(),
    do: job('report-lock'),
    undo: job('report-unlock'),
    check: job('report-look'),
  };
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { newNonce } from '../../../src/fault/ledger/nonce.ts';
import type { RunOperation } from '../../../src/fault/operation.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import type { Api, KubeObject } from '../../../src/sandbox/api.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { startTestGame } from '../game.ts';

let plane: ControlPlane;
let cluster: Cluster;
/** What the Jobs act on: a lock in a database, say. */
let world = 'original';

beforeAll(async () => {
  plane = await startControlPlane({ onPod: finish, logs: () => `looking\n${world}\n` });
  cluster = plane.cluster;
});
afterAll(() => plane.close());
beforeEach(() => {
  world = 'original';
});

describe('an operation that runs Jobs', () => {
  it('is done, checked, undone and leaves nothing', async () => {
    const before = await takeBaseline(cluster, ['batch'], { clock: realClock });
    const game = await startTestGame(cluster);
    await apply([operation()], game.engine);
    expect(world).toBe('injected');
    expect(game.events).toContainEqual(expect.objectContaining({ verdict: 'confirmed', seen: 'injected' }));
    expect(await revert(game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect(world).toBe('original');
    const now = await takeBaseline(cluster, ['batch'], { clock: realClock });
    expect(compare(before, now)).toEqual([]);
    await game.end();
  });

  it('is not begun when its check answers neither yes nor no', async () => {
    world = 'something else';
    const game = await startTestGame(cluster);
    await expect(apply([operation()], game.engine)).rejects.toMatchObject({ code: 'run-unclear' });
    world = 'original';
    expect(await revert(game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect(await cluster.list({ kind: 'jobs', group: 'batch' }, { namespace: 'batch' })).toEqual([]);
    await game.end();
  });

  it('is left alone by its undo when somebody undid it by hand', async () => {
    const game = await startTestGame(cluster);
    await apply([operation()], game.engine);
    world = 'original';
    expect(await revert(game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    await game.end();
  });
});

function operation(): RunOperation {
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

function job(name: string): ClusterObject {
  const container = { name: 'main', image: 'node:20-slim', command: ['true'] };
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'batch' } },
    spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  };
}

/** The paper container of one of these Jobs does its work and ends. */
function finish(pod: KubeObject, api: Api): void {
  const owner = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'Job');
  if (!owner) return;
  if (owner.name === 'report-lock') world = 'injected';
  if (owner.name === 'report-unlock') world = 'original';
  const { namespace, name } = pod.metadata;
  api.update(
    'pods',
    namespace,
    name,
    (draft) => {
      draft.status.phase = 'Succeeded';
      return draft;
    },
    { subresource: 'status', by: 'kubelet' },
  );
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ref } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import type { Operation } from '../../../src/fault/operation.ts';
import { makePlan } from '../../../src/fault/plan/plan.ts';
import { recover } from '../../../src/fault/recover/recover.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { endTurn, lookAtTurn, lookBeforeTurn, turnOf } from '../../../src/fault/revert/turn.ts';
import { faultType } from '../../../src/fault/types/registry.ts';
import { bench } from '../bench.ts';
import { flood, planFor } from '../game.ts';
import { respond } from '../responder.ts';

const upstreams = { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' };
const job = { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-export' };
const service = { kind: 'service', namespace: 'shop', name: 'storefront' };

/** One of each verb, and two of one object: a field, an object that is made, one that is deleted, a restart. */
const intermittent: Record<string, Record<string, unknown>> = {
  field: { config: { configMap: 'shop/edge-upstreams', set: { 'upstreams.yaml': 'upstreams: []\n' } } },
  object: flood,
  deletion: { delete: { ref: 'service/shop/storefront' } },
  restart: {
    config: { configMap: 'shop/edge-upstreams', set: { extra: 'x' }, restart: 'deployment.apps/shop/edge' },
  },
};

const at = bench();

async function planned(fault: Record<string, unknown>): Promise<Operation[]> {
  const { operations } = await at.plan(fault);
  return operations.map((operation) => ({ ...operation, ready: [] }));
}

/** A whole turn that nobody disturbs. */
async function turn(operations: readonly Operation[], number: number): Promise<void> {
  const own = turnOf(operations, number);
  if (number > 1)
    expect(await lookBeforeTurn(turnOf(operations, number - 1), at.game.engine)).toMatchObject({
      holds: true,
    });
  await apply(own, at.game.engine);
  expect(await lookAtTurn(own, at.game.engine)).toMatchObject({ holds: true });
  expect(await endTurn(own, at.game.engine)).toMatchObject({ holds: true });
}

describe('a fault that comes and goes', () => {
  it.each(Object.entries(intermittent))('leaves nothing between its turns: %s', async (_name, fault) => {
    const operations = await planned(fault);
    for (const number of [1, 2, 3]) await turn(operations, number);
    const recorded = at.game.ledger.entries.flatMap((entry) => (entry.type === 'recorded' ? [entry.id] : []));
    expect(recorded).toHaveLength(3 * operations.length);
    expect(new Set(recorded).size).toBe(recorded.length);
    await at.mend();
    const writes = at.game.events.filter(({ type }) => type === 'operation-reverted');
    expect(writes, 'what is over is not told of again').toHaveLength(3 * operations.length);
  });

  it('is put back by recover wherever in its turns the game died', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(intermittent)),
        fc.integer({ min: 0, max: 2 }),
        fc.boolean(),
        async (name, whole, isOn) => {
          await at.again();
          const operations = await planned(intermittent[name]!);
          for (let number = 1; number <= whole; number += 1) await turn(operations, number);
          if (isOn) await apply(turnOf(operations, whole + 1), at.game.engine);
          const options = { undoResponder: true, leaseSeconds: 1, emit: () => undefined };
          const { cluster, clock } = at.game.engine;
          const recovered = await recover({ ledger: at.game.ledgerFile, cluster, clock, ...options });
          expect(recovered).toMatchObject({ differences: [], conflicts: [] });
          await at.mend();
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe('a turn that somebody takes in hand', () => {
  const becomes = async (ref: Ref, change: unknown) => {
    await (await at.plane.other()).patch(ref, 'merge', change);
  };

  it('is told by what a responder mended, in place of the game', async () => {
    const operations = turnOf(await planned(intermittent.field!), 1);
    const before = (await at.cluster.get(upstreams))!.data;
    await apply(operations, at.game.engine);
    const responder = await respond(at.plane, at.game.ledger);
    await responder.patch(upstreams, { data: before });
    expect(await lookAtTurn(operations, at.game.engine)).toEqual({
      holds: false,
      seen: expect.stringContaining('configmap/shop/edge-upstreams: data["upstreams.yaml"] is'),
    });
    await at.mend();
  });

  it('is told by an object that a responder deleted, or stopped', async () => {
    const operations = turnOf(await planned(flood), 1);
    await apply(operations, at.game.engine);
    const responder = await respond(at.plane, at.game.ledger);
    await responder.patch(job, { spec: { parallelism: 0 } });
    expect(await lookAtTurn(operations, at.game.engine)).toMatchObject({ holds: false });
    await responder.delete(job);
    expect(await lookAtTurn(operations, at.game.engine)).toMatchObject({ holds: false });
    await at.mend();
  });

  it.each([
    ['suspends', { spec: { suspend: true } }],
    ['marks', { metadata: { annotations: { note: 'mine' } } }],
  ])('is told by a Job that a responder %s, though all is there that was stated', async (_, change) => {
    const operations = turnOf(await planned(flood), 1);
    await apply(operations, at.game.engine);
    expect(await lookAtTurn(operations, at.game.engine)).toMatchObject({ holds: true });
    await (await respond(at.plane, at.game.ledger)).patch(job, change);
    expect(await lookAtTurn(operations, at.game.engine)).toEqual({
      holds: false,
      seen: 'job.batch/batch/report-export was changed',
    });
    await at.mend();
  });

  it('is told by a Job that somebody suspends past the recorder', async () => {
    const operations = turnOf(await planned(flood), 1);
    await apply(operations, at.game.engine);
    await becomes(job, { spec: { suspend: true } });
    expect(await lookAtTurn(operations, at.game.engine)).toMatchObject({ holds: false });
    await at.mend();
  });

  it('does not begin again where somebody changed, made or took away what it would change', async () => {
    const { field: one, deletion: other } = intermittent as { field: object; deletion: object };
    const { operations } = await planFor(at.cluster, { field: { ...one }, deletion: { ...other } });
    const [field, deletion] = ['field', 'deletion'].map((fault) =>
      operations.filter((operation) => operation.fault === fault),
    ) as [Operation[], Operation[]];
    for (const one of [field, deletion]) {
      await apply(one, at.game.engine);
      await endTurn(one, at.game.engine);
    }
    const { data } = (await at.cluster.get(upstreams))!;
    await becomes(upstreams, { data: { 'upstreams.yaml': 'upstreams: [mine]\n' } });
    expect(await lookBeforeTurn(field, at.game.engine)).toEqual({
      holds: false,
      seen: 'configmap/shop/edge-upstreams was changed',
    });
    const kept = (await at.cluster.get(service))!;
    await (await at.plane.other()).delete(service);
    expect(await lookBeforeTurn(deletion, at.game.engine)).toMatchObject({
      seen: 'service/shop/storefront is gone',
    });
    // What strangers did after a turn was over is theirs: the restore leaves it, and asks nobody.
    expect(await revert(at.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect((await at.cluster.get(upstreams))?.data).toMatchObject({
      'upstreams.yaml': 'upstreams: [mine]\n',
    });
    expect(await at.cluster.get(service)).toBeUndefined();
    await becomes(upstreams, { data });
    const { resourceVersion: _version, uid: _uid, ...metadata } = kept.metadata;
    await at.cluster.create({ ...kept, metadata });
  });

  it('does not come back by undoing what a responder did while it was there', async () => {
    const operations = await planned(intermittent.field!);
    const first = turnOf(operations, 1);
    await apply(first, at.game.engine);
    const responder = await respond(at.plane, at.game.ledger);
    await responder.patch(upstreams, { data: { note: 'seen' } });
    expect(await endTurn(first, at.game.engine)).toMatchObject({ holds: true });
    await turn(operations, 2);
    await at.mend();
  });

  it('does not come back with the pre-image of a write that was under way when it ended', async () => {
    const operations = turnOf(await planned(intermittent.field!), 1);
    await apply(operations, at.game.engine);
    const { apiVersion, kind, resource } = await at.cluster.kind(upstreams);
    const preimage = {
      ...{ sequence: 1, actionId: 'a', at: 0, who: 'responder', verb: 'patch', apiVersion, kind, resource },
      ...{ namespace: 'shop', name: upstreams.name, before: await at.cluster.get(upstreams) },
    };
    expect(await endTurn(operations, at.game.engine)).toMatchObject({ holds: true });
    await at.game.ledger.append({ type: 'responder', preimage });
    const after = await at.cluster.patch(upstreams, 'merge', { data: { note: 'seen' } });
    await at.game.ledger.append({ type: 'responder', preimage: { ...preimage, after } });
    await at.mend();
  });

  it('is a conflict that is left to the end where a stranger changed what it had changed', async () => {
    const operations = turnOf(await planned(intermittent.field!), 1);
    const { data } = (await at.cluster.get(upstreams))!;
    await apply(operations, at.game.engine);
    await becomes(upstreams, { data: { 'upstreams.yaml': 'upstreams: [mine]\n' } });
    expect(await endTurn(operations, at.game.engine)).toEqual({
      holds: false,
      seen: expect.stringContaining('somebody made it'),
    });
    expect(at.game.ledger.entries.some(({ type }) => type === 'withdrawn')).toBe(false);
    await becomes(upstreams, { data });
  });
});

it('refuses to repeat what has no end of its own', async () => {
  const spec = faultType('kill').schema.parse({ target: 'deployment.apps/shop/checkout' });
  const input = { id: 'gone', type: 'kill', spec, repeat: { every: 2, for: 1 } };
  const plan = makePlan([input], {
    ...{ cluster: at.cluster, namespaces: ['shop'], secondsToPlay: 60, random: () => 0.5, image: 'x' },
    programText: () => '',
  });
  await expect(plan).rejects.toMatchObject({ code: 'not-repeatable', exitCode: 3 });
});

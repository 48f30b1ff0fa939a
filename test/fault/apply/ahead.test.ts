import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';
import type { ReadyCondition } from '../../../src/cluster/wait/ready.ts';
import { stretches } from '../../../src/fault/apply/ahead.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import type { Ledger } from '../../../src/fault/ledger/ledger.ts';
import { ledgerState } from '../../../src/fault/ledger/state.ts';
import type { Operation } from '../../../src/fault/operation.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { planFor, startTestGame } from '../game.ts';

let plane: ControlPlane;
let cluster: Cluster;
beforeAll(async () => {
  plane = await startControlPlane({ empty: true });
  cluster = plane.cluster;
  for (const name of ['one', 'two', 'gone']) await cluster.create(greeter(name));
});
afterAll(() => plane.close());

const greeter = (name: string): ClusterObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } },
  data: { tone: 'kind', volume: 'low' },
});
const at = (name: string) => ({ kind: 'configmap', namespace: 'default', name });
const rude = (name: string) => ({ config: { configMap: `default/${name}`, set: { tone: 'rude' } } });
const faults = {
  first: rude('one'),
  second: rude('two'),
  third: { apply: { manifests: [greeter('more')] } },
  fourth: { delete: { ref: 'configmap/default/gone' } },
};

/** The ledger, with the count of its writes, and something that happens after each of them. */
function watched(ledger: Ledger, after: (write: number) => Promise<unknown>): Ledger & { writes: number } {
  const seen = {
    ...{ entries: ledger.entries, writes: 0 },
    note: ledger.note.bind(ledger),
    flush: ledger.flush.bind(ledger),
    erase: ledger.erase.bind(ledger),
    close: ledger.close.bind(ledger),
    append: async (...entries: Parameters<Ledger['append']>) => {
      await ledger.append(...entries);
      seen.writes += 1;
      await after(seen.writes);
    },
  };
  return seen;
}

const dataOf = async (name: string) => (await cluster.get(at(name)))?.data;

describe('operations that nothing holds up', () => {
  it('are all in the ledger, by one write, before the first of them is made', async () => {
    const game = await startTestGame(cluster);
    const { operations } = await planFor(cluster, faults, ['default']);
    const untouched: unknown[] = [];
    const ledger = watched(game.ledger, async () =>
      untouched.push(await dataOf('one'), await dataOf('more')),
    );
    const engine = { ...game.engine, ledger };
    await apply(operations, engine);
    expect(ledger.writes).toBe(1);
    expect(untouched).toEqual([{ tone: 'kind', volume: 'low' }, undefined]);
    expect(await dataOf('two')).toEqual({ tone: 'rude', volume: 'low' });
    expect(await dataOf('gone')).toBeUndefined();
    expect(
      ledgerState(game.ledger.entries).changes.every((change) => change.by === 'us' && change.applied),
    ).toBe(true);
    expect(await revert(game.engine, { undoResponder: false })).toEqual({ differences: [], conflicts: [] });
    expect(await dataOf('more')).toBeUndefined();
    await game.end();
  });

  it('are made on what a stranger left in between, and that is what comes back', async () => {
    const game = await startTestGame(cluster);
    const { operations } = await planFor(cluster, faults, ['default']);
    const stranger = await plane.other();
    const ledger = watched(game.ledger, async (write) => {
      if (write > 1) return;
      await stranger.patch(at('two'), 'merge', { data: { tone: 'shy' } });
      await stranger.patch(at('gone'), 'merge', { data: { volume: 'loud' } });
    });
    await apply(operations, { ...game.engine, ledger });
    expect(await dataOf('two')).toEqual({ tone: 'rude', volume: 'low' });
    expect(await revert(game.engine, { undoResponder: false })).toEqual({ differences: [], conflicts: [] });
    expect(await dataOf('two')).toEqual({ tone: 'shy', volume: 'low' });
    expect(await dataOf('gone')).toEqual({ tone: 'kind', volume: 'loud' });
    await game.end();
  });

  it('end where one waits for something, comes later, runs a Job, or has the object of another', async () => {
    const { operations } = await planFor(cluster, { first: rude('one'), second: rude('two') }, ['default']);
    const [one, two] = operations as [Operation, Operation];
    const lengths = (...all: Operation[]) => stretches(all).map(({ length }) => length);
    expect(lengths(one, two)).toEqual([2]);
    const waits: ReadyCondition = { type: 'field', path: ['data'], within: 1 };
    expect(lengths({ ...one, ready: [waits] }, two)).toEqual([1, 1]);
    expect(lengths(one, { ...two, ready: [waits] })).toEqual([2]);
    expect(lengths(one, { ...two, afterMs: 1000 })).toEqual([1, 1]);
    expect(lengths(one, { ...two, ref: { ...one.ref, kind: 'configmaps' } })).toEqual([1, 1]);
    expect(lengths({ ...one, verb: 'run' } as Operation, two)).toEqual([1, 1]);
  });
});

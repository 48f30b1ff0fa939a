import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/clock.ts';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { ClusterError } from '../../../src/cluster/cluster-error.ts';
import { type WatchSource, watchKind } from '../../../src/cluster/connection/watch.ts';

const object = (name: string, resourceVersion: string): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: `uid-${name}`, resourceVersion },
});
const line = (type: string, name: string, version: string) =>
  JSON.stringify({ type, object: object(name, version) });
const gone = JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } });

/** Plays lists and streams one after the other; ends the watch after the last one. */
async function play(lists: (ClusterObject[] | Error)[], streams: (string[] | Error)[]) {
  const stop = new AbortController();
  const events: string[] = [];
  const slept: number[] = [];
  const from: string[] = [];
  const source: WatchSource = {
    list: async () => {
      const next = lists.shift()!;
      if (next instanceof Error) throw next;
      return { items: next, resourceVersion: `list-${lists.length}` };
    },
    async *stream(resourceVersion) {
      from.push(resourceVersion);
      const next = streams.shift();
      if (next instanceof Error) throw next;
      yield* next ?? [];
      if (streams.length === 0) stop.abort();
    },
  };
  const clock: Clock = {
    now: () => 0,
    mono: () => 0,
    sleep: async (ms) => {
      slept.push(ms);
    },
  };
  await watchKind(
    source,
    ({ type, object: { metadata } }) => events.push(`${type} ${metadata.name}`),
    clock,
    stop.signal,
  );
  return { events, slept, from };
}

describe('a watch', () => {
  it('goes on from the last version when the server ends it', async () => {
    const { events, from } = await play(
      [[object('a', '1')]],
      [[line('MODIFIED', 'a', '7')], [line('DELETED', 'a', '8')]],
    );
    expect(events).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    expect(from).toEqual(['list-0', '7']);
  });

  it('lists again after 410 and tells only the difference', async () => {
    const before = [object('kept', '1'), object('changed', '2'), object('lost', '3')];
    const after = [object('kept', '1'), object('changed', '9'), object('new', '8')];
    const { events } = await play([before, after], [[gone], []]);
    expect(events).toEqual([
      'ADDED kept',
      'ADDED changed',
      'ADDED lost',
      'MODIFIED changed',
      'ADDED new',
      'DELETED lost',
    ]);
  });

  it('waits longer after each error, up to a limit', async () => {
    const broken = new ClusterError('cluster-unreachable', 'down');
    const { slept } = await play([[], ...Array<Error>(8).fill(broken), []], [broken, []]);
    expect(slept).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  it('ends with an error that no retry heals', async () => {
    const forbidden = new ClusterError('forbidden', 'no');
    await expect(play([forbidden], [])).rejects.toBe(forbidden);
    await expect(play([[], forbidden], [[gone]])).rejects.toBe(forbidden);
  });
});

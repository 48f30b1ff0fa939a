import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import {
  type FieldChange,
  type FieldValue,
  touchedFields,
  valuesOf,
  withChanges,
} from '../../../src/cluster/fields/changes.ts';
import { formatPath } from '../../../src/cluster/fields/path.ts';
import type { OurChange, RecordedChange } from '../../../src/fault/ledger/state.ts';
import type { PatchOperation } from '../../../src/fault/operation.ts';
import { unwind } from '../../../src/fault/revert/unwind.ts';

/** `turn`: a change of ours that is undone by the next edit of its kind, if it still shows. */
type Who = 'us' | 'responder' | 'stranger' | 'turn';
interface Edit {
  who: Who;
  key: string;
  removes: boolean;
}

const keys = ['a', 'b', 'c', 'd'];
const edit = fc.record({
  who: fc.constantFrom<Who>('us', 'responder', 'stranger'),
  key: fc.constantFrom(...keys),
  removes: fc.boolean(),
});
const edits = fc.array(edit, { maxLength: 12 });
const holds = { numRuns: 500 };

const editsWithTurns = fc.array(
  fc.record({
    who: fc.constantFrom<Who>('turn', 'turn', 'responder', 'stranger'),
    key: fc.constantFrom(...keys),
    removes: fc.boolean(),
  }),
  { maxLength: 16 },
);

describe('unwinding turns that were undone already', () => {
  it("takes away ours and the responder's, those with which a turn would come back included, and no stranger's", () => {
    fc.assert(
      fc.property(editsWithTurns, (all) => {
        const { now, original, changes, lastStranger } = play(all);
        const { target, conflicts } = unwind(now, changes, { undoResponder: true });
        if (all.every(({ who }) => who !== 'stranger')) expect(conflicts).toEqual([]);
        for (const key of keys)
          expect(dataOf(target)[key]).toBe(lastStranger.get(key) ?? dataOf(original)[key]);
        expect(unwind(target, changes, { undoResponder: true }).target).toEqual(target);
      }),
      holds,
    );
  });

  it('has nothing to ask where every turn was undone before somebody came', () => {
    fc.assert(
      fc.property(editsWithTurns, (all) => {
        const quiet = all.filter(({ who }) => who !== 'responder');
        const { now, changes } = play(quiet);
        if (changes.some((change) => change.by === 'us' && !change.withdrawn)) return;
        const { target, conflicts } = unwind(now, changes, { undoResponder: true });
        expect([dataOf(target), conflicts]).toEqual([dataOf(now), []]);
      }),
      holds,
    );
  });
});

describe('unwinding random edits of one object', () => {
  it("keeps every stranger's value and takes all others away", () => {
    fc.assert(
      fc.property(edits, (all) => {
        const { now, original, changes, lastStranger } = play(all);
        const { target } = unwind(now, changes, { undoResponder: true });
        for (const key of keys)
          expect(dataOf(target)[key]).toBe(lastStranger.get(key) ?? dataOf(original)[key]);
      }),
      holds,
    );
  });

  it('reports each field in which a stranger came after us or the responder, and no other', () => {
    fc.assert(
      fc.property(edits, (all) => {
        const { now, changes } = play(all);
        const { conflicts } = unwind(now, changes, { undoResponder: true });
        const expected = keys.filter((key) => {
          const writers = all.filter((each) => each.key === key).map(({ who }) => who);
          const first = writers.findIndex((who) => who !== 'stranger');
          return first >= 0 && writers.lastIndexOf('stranger') > first;
        });
        const reported = new Set(conflicts.map(({ path }) => formatPath(path)));
        expect(reported).toEqual(new Set(expected.map((key) => `data.${key}`)));
      }),
      holds,
    );
  });

  it('wants no change any more of what it restored', () => {
    fc.assert(
      fc.property(edits, (all) => {
        const { now, changes } = play(all);
        const { target } = unwind(now, changes, { undoResponder: true });
        expect(unwind(target, changes, { undoResponder: true }).target).toEqual(target);
      }),
      holds,
    );
  });

  it("puts everything back where a person decided for our side, strangers' later values included", () => {
    fc.assert(
      fc.property(edits, (all) => {
        const ours = all.filter(({ who }) => who !== 'stranger');
        const { now, original, changes } = play([...ours, { who: 'stranger', key: 'a', removes: false }]);
        const { target, conflicts } = unwind(now, changes, { undoResponder: true, side: 'ours' });
        expect(conflicts).toEqual([]);
        if (ours.some(({ key }) => key === 'a')) expect(dataOf(target)).toEqual(dataOf(original));
      }),
      holds,
    );
  });

  it("treats the responder's edits as a stranger's where they are to stay", () => {
    fc.assert(
      fc.property(edits, (all) => {
        const { now, original, changes } = play(all);
        const { target } = unwind(now, changes, { undoResponder: false });
        for (const key of keys) {
          const last = all.findLast((each) => each.key === key && each.who !== 'us');
          // What ours had overwritten is back as ours had found it.
          if (!last) expect(dataOf(target)[key]).toBe(dataOf(original)[key]);
        }
      }),
      holds,
    );
  });
});

/** Plays edits on a ConfigMap as a game records them; every value that is written is unique. */
function play(all: readonly Edit[]) {
  const original = object(Object.fromEntries(keys.map((key) => [key, `original-${key}`])));
  const changes: RecordedChange[] = [];
  const lastStranger = new Map<string, string>();
  let now = original;
  for (const [index, { who, key, removes }] of all.entries()) {
    const value = `${who}-${index}`;
    // A stranger who removes what is removed already would do nothing that could be told.
    const change: FieldChange =
      removes && who !== 'stranger'
        ? { path: ['data', key], absent: true }
        : { path: ['data', key], to: value };
    const before = now;
    const open = changes.findLast(
      (one) => one.by === 'us' && one.operation.id === `turn-${key}`,
    ) as OurChange;
    if (who === 'turn' && open && !open.withdrawn) {
      // Whoever changed it meanwhile has taken it in hand: it is left as it is.
      if (dataOf(now)[key] !== open.intended[0]?.value) continue;
      const [field] = (open.before as { fields: FieldValue[] }).fields;
      now = withChanges(now, [
        field?.value === undefined
          ? { path: field!.path, absent: true }
          : { path: field.path, to: field.value },
      ]);
      open.withdrawn = true;
      changes.push({ by: 'undoing', of: open });
      continue;
    }
    now = withChanges(now, [change]);
    if (who === 'turn') {
      const made = ours(before, now, change, index) as OurChange;
      changes.push({ ...made, operation: { ...made.operation, id: `turn-${key}` } });
      continue;
    }
    if (who === 'stranger') lastStranger.set(key, value);
    else if (who === 'us') changes.push(ours(before, now, change, index));
    else changes.push(responders(before, now, index));
  }
  return { original, now, changes, lastStranger };
}

function ours(before: ClusterObject, now: ClusterObject, change: FieldChange, index: number): RecordedChange {
  const fields = touchedFields(before, [change]);
  const operation: PatchOperation = {
    ...{
      id: `us-${index}`,
      fault: 'us',
      verb: 'patch',
      afterMs: 0,
      ready: [],
      reverts: 'reverts',
      describe: '',
    },
    ref: { kind: 'configmap', namespace: 'shop', name: 'thing' },
    changes: [change],
  };
  const after = valuesOf(now, fields);
  return {
    by: 'us',
    operation,
    before: { existed: true, uid: 'u', fields: valuesOf(before, fields) },
    intended: after,
    applied: { uid: 'u', after },
  };
}

function responders(before: ClusterObject, after: ClusterObject, sequence: number): RecordedChange {
  return {
    by: 'responder',
    preimage: {
      ...{ sequence, actionId: `a${sequence}`, at: 0, who: 'responder', verb: 'patch' },
      ...{ apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespace: 'shop', name: 'thing' },
      before,
      after,
    },
  };
}

function object(data: Record<string, string>): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'thing', namespace: 'shop', uid: 'u' },
    data,
  };
}

function dataOf(one: ClusterObject | undefined): Record<string, string | undefined> {
  return (one?.data ?? {}) as Record<string, string>;
}

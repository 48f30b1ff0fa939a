import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeThreeWay } from '../../../src/cluster/fields/three-way.ts';

const pod = (...containers: object[]) => ({ spec: { containers } });
const app = (image: string, env?: object[]) => ({ name: 'app', image, ...(env && { env }) });

describe('merging three ways', () => {
  it('finds the items of lists by their key, wherever others moved them', () => {
    const base = pod(app('broken'));
    const current = pod({ name: 'sidecar', image: 'proxy' }, app('broken'));
    const target = pod(app('good'));
    expect(mergeThreeWay(base, current, target)).toEqual({
      value: pod({ name: 'sidecar', image: 'proxy' }, app('good')),
      conflicts: [],
    });
  });

  it('brings an item back that we had removed, at its old place', () => {
    const list = (...names: string[]) => names.map((name) => ({ name }));
    expect(mergeThreeWay(list('a', 'c'), list('a', 'c', 'd'), list('a', 'b', 'c')).value).toEqual(
      list('a', 'b', 'c', 'd'),
    );
  });

  it('takes our item away from a list and leaves what others added', () => {
    const list = (...names: string[]) => names.map((name) => ({ name }));
    expect(mergeThreeWay(list('a', 'ours'), list('a', 'ours', 'theirs'), list('a')).value).toEqual(
      list('a', 'theirs'),
    );
  });

  it('calls a list without keys one value', () => {
    const result = mergeThreeWay(['-v', 'x'], ['-v', 'y'], ['-v']);
    expect(result.value).toEqual(['-v', 'y']);
    expect(result.conflicts).toHaveLength(1);
  });

  it('removes the map that only our field was in, and keeps it for the field of another', () => {
    expect(mergeThreeWay({ a: { ours: '1' } }, { a: { ours: '1' } }, {}).value).toEqual({});
    expect(mergeThreeWay({ a: { ours: '1' } }, { a: { ours: '1', theirs: '2' } }, {}).value).toEqual({
      a: { theirs: '2' },
    });
  });

  it('merges text by line and says when the same line was changed', () => {
    const text = (...lines: string[]) => `${lines.join('\n')}\n`;
    const [base, target] = [
      text('one', 'two', 'BAD', 'four', 'five'),
      text('one', 'two', 'good', 'four', 'five'),
    ];
    expect(mergeThreeWay(base, text('ONE', 'two', 'BAD', 'four', 'five'), target).value).toBe(
      text('ONE', 'two', 'good', 'four', 'five'),
    );
    const clash = mergeThreeWay(base, text('one', 'two', 'other', 'four', 'five'), target);
    expect(clash.value).toBe(text('one', 'two', 'other', 'four', 'five'));
    expect(clash.conflicts).toHaveLength(1);
  });

  it('gives the target where nobody changed anything, and leaves alone what we did not change', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(mergeThreeWay(a, a, b)).toEqual({ value: b, conflicts: [] });
        expect(mergeThreeWay(a, b, a)).toEqual({ value: b, conflicts: [] });
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deed } from '../../src/grade/playbook/deeds.ts';
import { rateSteps } from '../../src/grade/playbook/step-rating.ts';
import { checklist } from '../../src/grade/playbook/steps.ts';
import { look, playbookOf, step, write } from './deeds.ts';

const playbook = playbookOf(
  [
    step('page'),
    step('cause', { after: ['page'], within: 60_000 }),
    step('undo', { after: ['cause'], match: { kube: { verb: ['patch'], name: ['app'] } } }),
    step('extra', { optional: true }),
    step('tell', { kind: 'manual', match: undefined }),
  ],
  [{ match: { kube: { verb: ['delete'], resource: ['namespaces'] } }, why: 'it holds everything' }],
);
const hint = (at: number) => ({ at, who: 'a', index: 0, text: 'look there' });

/** Ratings by step; times in seconds after the injection. */
function ratings(deeds: Deed[], hints: number[] = []) {
  const inMs = deeds.map((deed) => ({ ...deed, at: deed.at * 1000 }));
  const states = checklist(playbook, inMs, { started: 0, speed: 1, now: 1e6, over: true });
  const rated = rateSteps(playbook, states, inMs, {
    hints: hints.map((at) => hint(at * 1000)),
    injectedAt: 0,
  });
  return Object.fromEntries(
    playbook.steps.map(({ id }, index) => {
      const { rating, because } = rated[index] ?? {};
      return [id, rating && [rating, ...because!].join(' ')];
    }),
  );
}

describe('the rating of a step', () => {
  it('is P where nothing stood in the way, and none where nobody had to or could see it', () => {
    expect(ratings([look('page', 1), look('elsewhere', 2), look('cause', 3), write('app', 4)])).toEqual({
      page: 'P',
      cause: 'P',
      undo: 'P',
      extra: undefined,
      tell: undefined,
    });
  });

  it('is S with a hint, late, before its turn or with a change that no step asks for, each said', () => {
    const all = [look('page', 1), look('cause', 3), write('app', 9)];
    expect(ratings(all, [2])).toMatchObject({ page: 'P', cause: 'S 1 hint', undo: 'P' });
    expect(ratings([look('page', 1), look('cause', 71), write('app', 72)]).cause).toBe('S 10 s late');
    expect(ratings([look('page', 1), write('app', 2)]).undo).toBe('S before its turn');
    expect(ratings([...all.slice(0, 2), write('other', 5), write('app', 9)])).toMatchObject({
      cause: 'P',
      undo: 'S 1 change that no step asks for',
    });
  });

  it('is M with two of these, or after harm', () => {
    const restart = write('other', 5);
    expect(ratings([look('page', 1), look('cause', 3), restart, write('app', 9)], [4]).undo).toBe(
      'M 1 hint 1 change that no step asks for',
    );
    const harm = write('shop', 5, 'delete', 'namespaces');
    expect(ratings([look('page', 1), look('cause', 3), harm, write('app', 9)]).undo).toMatch(
      /^M a harmful command came first: kubectl delete namespaces shop$/,
    );
  });

  it('is U for what was not done', () => {
    expect(ratings([look('page', 1)])).toMatchObject({
      page: 'P',
      cause: 'U not reached',
      undo: 'U not reached',
    });
  });

  it('never gets better by a hint or by harm', () => {
    const order = ['P', 'S', 'M', 'U'];
    const worth = (rated: Record<string, string | undefined>) =>
      Object.values(rated).map((one) => order.indexOf(one?.[0] ?? 'P'));
    const deed = fc
      .tuple(fc.constantFrom('page', 'cause', 'app', 'other'), fc.integer({ min: 0, max: 200 }))
      .map(([name, at]) => (['page', 'cause'].includes(name) ? look(name, at) : write(name, at)));
    const sorted = (deeds: Deed[]) => [...deeds].sort((a, b) => a.at - b.at);
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 8 }), fc.integer({ min: 0, max: 200 }), (deeds, at) => {
        const before = worth(ratings(sorted(deeds)));
        const harm = write('shop', at, 'delete', 'namespaces');
        for (const worse of [ratings(sorted(deeds), [at]), ratings(sorted([...deeds, harm]))])
          worth(worse).forEach((one, index) => {
            expect(one).toBeGreaterThanOrEqual(before[index]!);
          });
      }),
    );
  });
});

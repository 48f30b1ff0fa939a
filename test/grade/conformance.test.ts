import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deed } from '../../src/grade/playbook/deeds.ts';
import { scoreDeeds } from '../../src/grade/playbook/playbook.ts';
import { checklist } from '../../src/grade/playbook/steps.ts';
import type { Playbook } from '../../src/playbook/schema.ts';
import { look, playbookOf, step, write } from './deeds.ts';

// The worked example of the formulas: eight units of weight, a rollback that is worth three of them.
const harmful = [
  { match: { kube: { verb: ['delete'], resource: ['namespaces'] } }, why: 'it holds everything' },
];
const rollback = playbookOf(
  [
    step('page'),
    step('events', { after: ['page'] }),
    step('history', { after: ['page'] }),
    step('undo', {
      after: ['events', 'history'],
      weight: 3,
      match: { kube: { verb: ['patch'], name: ['app'] } },
    }),
    step('verify', { after: ['undo'] }),
    step('tell', { after: ['page'] }),
  ],
  harmful,
);
const deeds = (...make: ((at: number) => Deed)[]) => make.map((one, index) => one(index));
const see = (uid: string) => (at: number) => look(uid, at);
const undo = (at: number) => write('app', at);
const score = (...make: ((at: number) => Deed)[]) => scoreDeeds(rollback, deeds(...make)).score;

describe('the score of a playbook', () => {
  it('is 1 for the whole playbook in order, and looking around costs nothing', () => {
    expect(score(see('page'), see('events'), see('history'), undo, see('verify'), see('tell'))).toBe(1);
    expect(
      score(
        see('elsewhere'),
        see('page'),
        see('events'),
        see('x'),
        see('history'),
        undo,
        see('verify'),
        see('tell'),
      ),
    ).toBe(1);
  });

  it('loses a ninth by one needless restart', () => {
    const restart = (at: number) => write('other', at);
    const all = [see('page'), see('events'), restart, see('history'), undo, see('verify'), see('tell')];
    expect(score(...all)).toBeCloseTo(0.889, 3);
  });

  it('gives half for undoing before looking, less for never looking', () => {
    const late = [see('page'), undo, see('events'), see('history'), see('verify'), see('tell')];
    expect(score(...late)).toBeCloseTo(0.812, 2);
    expect(score(see('page'), undo, see('verify'), see('tell'))).toBeCloseTo(0.562, 2);
  });

  it('is near 0 for deleting the namespace and 0 for nothing', () => {
    const destroy = (at: number) => write('shop', at, 'delete', 'namespaces');
    expect(score(see('page'), destroy)).toBeCloseTo(0.077, 3);
    expect(score()).toBe(0);
  });

  it('does not take what a command reads in order to write for a look', () => {
    const playbook = playbookOf([
      step('see-it', { match: { kube: { verb: ['get'], resource: ['deployments'] } } }),
    ]);
    expect(scoreDeeds(playbook, [write('app', 0)])).toMatchObject({ coverage: 0, extra: 1 });
  });

  it('takes an edit for a look: the object is read in an editor', () => {
    const playbook = playbookOf([
      step('see-it', { match: { kube: { verb: ['get'], resource: ['deployments'] } } }),
      step('mend-it', { after: ['see-it'], match: { kube: { verb: ['patch'], name: ['app'] } } }),
    ]);
    const edited = write('app', 0);
    if ('action' in edited) edited.action.requests.at(-1)!.fieldManager = 'kubectl-edit';
    expect(scoreDeeds(playbook, [edited])).toMatchObject({ coverage: 1, order: 1, score: 1 });
  });

  it('does not take a look before the fix for verifying it', () => {
    const playbook = playbookOf([
      step('mend-it', { match: { kube: { verb: ['patch'], name: ['app'] } } }),
      step('check', { phase: 'verify', after: ['mend-it'] }),
    ]);
    const mend = (at: number) => write('app', at);
    expect(scoreDeeds(playbook, deeds(see('check'), mend)).coverage).toBe(0.5);
    expect(scoreDeeds(playbook, deeds(see('check'), mend, see('check'))).score).toBe(1);
  });

  it('counts a step that was done early and again in its place as in its place', () => {
    const states = checklist(
      rollback,
      deeds(see('page'), see('verify'), see('events'), see('history'), undo, see('verify')),
      {
        started: 0,
        speed: 1,
        now: 10,
        over: true,
      },
    );
    expect(states.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'page done',
      'events done',
      'history done',
      'undo done',
      'verify done',
      'tell missing',
    ]);
  });
});

describe('laws of the score', () => {
  it('stays in [0, 1]', () => {
    fc.assert(
      fc.property(games, ({ playbook, deeds }) => {
        const { score, coverage, order } = scoreDeeds(playbook, deeds);
        for (const value of [score, coverage, order]) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });

  it('never falls by an extra right step', () => {
    fc.assert(
      fc.property(games, fc.nat(), fc.nat(), ({ playbook, deeds }, which, where) => {
        const extra = look(`s${which % playbook.steps.length}`, where % (deeds.length + 1));
        const more = [...deeds.slice(0, extra.at), extra, ...deeds.slice(extra.at)];
        expect(scoreDeeds(playbook, more).score).toBeGreaterThanOrEqual(
          scoreDeeds(playbook, deeds).score - 1e-12,
        );
      }),
    );
  });

  it('never rises by a harmful deed', () => {
    fc.assert(
      fc.property(games, fc.nat(), ({ playbook, deeds }, where) => {
        const at = where % (deeds.length + 1);
        const more = [...deeds.slice(0, at), write('shop', at, 'delete', 'namespaces'), ...deeds.slice(at)];
        expect(scoreDeeds(playbook, more).score).toBeLessThanOrEqual(
          scoreDeeds(playbook, deeds).score + 1e-12,
        );
      }),
    );
  });

  it('is 1 for every step in an order that is allowed, 0 for nothing', () => {
    fc.assert(
      fc.property(games, ({ playbook }) => {
        const all = playbook.steps.map(({ id }, at) => look(id, at));
        expect(scoreDeeds(playbook, all).score).toBe(1);
        expect(scoreDeeds(playbook, []).score).toBe(0);
      }),
    );
  });

  it('is what the best choice of which deed does which step gives', () => {
    fc.assert(
      fc.property(games, ({ playbook, deeds }) => {
        const { score, extra } = scoreDeeds(playbook, deeds);
        const total = playbook.steps.reduce((sum, { weight }) => sum + weight, 0);
        expect(score).toBeCloseTo(1 - (cheapest(playbook, deeds) + extra) / (total + extra), 9);
      }),
      { numRuns: 60 },
    );
  });
});

/** Steps may wait for steps before them in the list; deeds look at some of them, or change something unasked. */
const games = fc
  .array(
    fc.record({ weight: fc.integer({ min: 1, max: 4 }), waits: fc.array(fc.nat(5), { maxLength: 3 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .chain((steps) => {
    const playbook = playbookOf(
      steps.map(({ weight, waits }, index) => {
        const after = [...new Set(waits.filter((one) => one < index))].map((one) => `s${one}`);
        return step(`s${index}`, { weight, after });
      }),
      harmful,
    );
    const deed = fc.oneof(
      fc.nat(steps.length).map((index) => (at: number) => look(`s${index}`, at)),
      fc.constant((at: number) => write('other', at)),
      fc.constant((at: number) => write('shop', at, 'delete', 'namespaces')),
    );
    return fc
      .array(deed, { maxLength: 9 })
      .map((made) => ({ playbook, deeds: made.map((one, at) => one(at)) }));
  });

/** Exact, by trying at each deed to count it or not: the least cost of steps left out or done early. */
function cheapest(playbook: Playbook, all: readonly Deed[]): number {
  const { steps } = playbook;
  const seen = new Map<string, number>();
  const walk = (index: number, early: number, done: number): number => {
    const deed = all[index];
    if (!deed) {
      return steps.reduce((sum, { weight }, bit) => {
        if (done & (1 << bit)) return sum;
        return sum + (early & (1 << bit) ? weight / 2 : weight);
      }, 0);
    }
    const key = `${index} ${early} ${done}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    let best = walk(index + 1, early, done);
    const bit = steps.findIndex(({ id }) => 'action' in deed && deed.action.dashboard?.uid === id);
    if (bit >= 0) {
      const ready = steps[bit]!.after.every((id) => {
        const before = 1 << steps.findIndex((one) => one.id === id);
        return ((early | done) & before) !== 0;
      });
      const next = ready
        ? walk(index + 1, early, done | (1 << bit))
        : walk(index + 1, early | (1 << bit), done);
      best = Math.min(best, next);
    }
    seen.set(key, best);
    return best;
  };
  return walk(0, 0, 0);
}

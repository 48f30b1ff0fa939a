import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { AlertStates, type Episode, type Evaluation, episodesOf } from '../../src/rules/alert-states.ts';

const STEP_MS = 10;
const names = ['a', 'b', 'c'];

/** Evaluations at each step; a text a column: what holds there, `ab`, `-`. */
function evaluations(columns: readonly string[]): Evaluation[] {
  return columns.map((column, index) => ({
    time: index * STEP_MS,
    results: names
      .filter((name) => column.includes(name))
      .map((name) => ({ labels: LabelSet.from({ name }), value: index, annotations: {} })),
  }));
}

const told = (forMs: number, keepFiringForMs: number, columns: string) =>
  episodesOf({ forMs, keepFiringForMs }, evaluations(columns.split(' '))).map(
    ({ alert: { labels, state, activeAt, firedAt }, endedAt }) => [
      labels.get('name'),
      state,
      activeAt,
      firedAt,
      endedAt,
    ],
  );

describe('the alerts of a rule', () => {
  it('fire once they have held for their time, and end when they no longer hold', () => {
    expect(told(20, 0, 'a a a - a')).toEqual([
      ['a', 'firing', 0, 20, 30],
      ['a', 'pending', 40, undefined, undefined],
    ]);
  });

  it('fire at once without a time', () => {
    expect(told(0, 0, '- a -')).toEqual([['a', 'firing', 10, 10, 20]]);
  });

  it('have a clock for each label set', () => {
    expect(told(10, 0, 'a ab b -')).toEqual([
      ['a', 'firing', 0, 10, 20],
      ['b', 'firing', 10, 20, 30],
    ]);
  });

  it('go on firing while they are kept, and then are one alert with what comes back', () => {
    expect(told(0, 20, 'a - a - - - -')).toEqual([['a', 'firing', 0, 0, 50]]);
    expect(told(10, 20, 'a - -')).toEqual([['a', 'pending', 0, undefined, 10]]);
  });

  it('are forgotten without being resolved', () => {
    const states = new AlertStates({ forMs: 0, keepFiringForMs: 0 });
    const [first, second] = evaluations(['a', '-']);
    states.observe(first!.time, first!.results);
    states.clear();
    expect(states.state).toBe('inactive');
    expect(states.observe(second!.time, second!.results)).toEqual([]);
  });
});

describe('over any evaluations', () => {
  const columns = fc.array(
    fc.subarray(names).map((held) => held.join('') || '-'),
    { maxLength: 30 },
  );
  const time = fc.integer({ min: 0, max: 8 }).map((steps) => steps * 5);
  const any = (law: (timing: { forMs: number; keepFiringForMs: number }, seen: Evaluation[]) => void) =>
    fc.assert(
      fc.property(time, time, columns, (forMs, keepFiringForMs, held) =>
        law({ forMs, keepFiringForMs }, evaluations(held)),
      ),
    );
  const held = (seen: readonly Evaluation[], name: string, from: number, to: number) =>
    seen
      .filter(({ time: at }) => at >= from && at <= to)
      .map(({ results }) => results.some(({ labels }) => labels.get('name') === name));
  const nameOf = ({ alert }: Episode) => alert.labels.get('name');

  it('an alert has held at every evaluation before it fires, and is pending before unless `for` is 0', () => {
    any(({ forMs, ...timing }, seen) => {
      for (const one of episodesOf({ forMs, ...timing }, seen)) {
        const { state, activeAt, firedAt } = one.alert;
        expect(state === 'firing').toBe(firedAt !== undefined);
        if (firedAt === undefined) continue;
        expect(held(seen, nameOf(one), activeAt, firedAt)).not.toContain(false);
        expect(firedAt).toBe(activeAt + Math.ceil(forMs / STEP_MS) * STEP_MS);
      }
    });
  });

  it('whatever holds for its time fires', () => {
    any(({ forMs, keepFiringForMs }, seen) => {
      const episodes = episodesOf({ forMs, keepFiringForMs }, seen);
      for (const { time: at } of seen)
        for (const name of names) {
          const from = at - forMs;
          // One evaluation earlier than `from` where that lies between two.
          const since = Math.floor(from / STEP_MS) * STEP_MS;
          if (since < 0 || held(seen, name, since, at).includes(false)) continue;
          const isFiring = ({ alert, endedAt = Infinity }: Episode) =>
            alert.firedAt !== undefined && alert.firedAt <= at && at < endedAt;
          expect(episodes.filter((one) => nameOf(one) === name && isFiring(one))).toHaveLength(1);
        }
    });
  });

  it('a firing alert ends with the first evaluation that finds it gone for `keep_firing_for`, a pending one at once', () => {
    any(({ forMs, keepFiringForMs }, seen) => {
      for (const one of episodesOf({ forMs, keepFiringForMs }, seen)) {
        const { state, activeAt } = one.alert;
        const keptMs = state === 'firing' ? Math.ceil(keepFiringForMs / STEP_MS) * STEP_MS : 0;
        const last = one.endedAt ?? seen.length * STEP_MS;
        const after = held(seen, nameOf(one), activeAt, last - STEP_MS);
        const gone = after.length - 1 - after.lastIndexOf(true);
        if (one.endedAt === undefined) expect(gone).toBeLessThanOrEqual(keptMs / STEP_MS);
        else {
          expect(gone * STEP_MS).toBe(keptMs);
          expect(held(seen, nameOf(one), one.endedAt, one.endedAt)).toEqual([false]);
        }
      }
    });
  });

  it('each label set has one alert at a time, resolved once', () => {
    any((timing, seen) => {
      for (const name of names) {
        const own = episodesOf(timing, seen).filter((one) => nameOf(one) === name);
        own.forEach(({ alert }, index) => {
          if (index > 0) expect(own[index - 1]!.endedAt).toBeLessThan(alert.activeAt);
        });
        const alone = seen.map(({ time: at, results }) => ({
          time: at,
          results: results.filter(({ labels }) => labels.get('name') === name),
        }));
        expect(episodesOf(timing, alone)).toEqual(own);
      }
    });
  });
});

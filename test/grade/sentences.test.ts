import { describe, expect, it } from 'vitest';
import { proposalOf } from '../../src/grade/alerts/counterfactual.ts';
import { spaceless } from '../../src/grade/alerts/renamed-rule.ts';
import { dashboardFindings } from '../../src/grade/dashboards/dashboard-findings.ts';
import type { ExpectedPanelGrade } from '../../src/grade/dashboards/dashboards.ts';
import { goldenOf } from '../../src/grade/dashboards/panels.ts';
import { grade } from '../../src/grade/grade.ts';
import { episode, every5, game, rule } from './game-by-hand.ts';

const panel = (title: string, unit = '', expr = 'up') =>
  goldenOf({ title, unit, targets: [{ expr }] } as never);

const course = { search: { from: 0, until: 60_000 } };

function finding(one: Partial<ExpectedPanelGrade>) {
  const expected = [
    { dashboard: 'shop', panel: 'Latency', verdict: 'moved', opened: true, rank: 1, ...one } as const,
  ];
  return dashboardFindings({ boards: [], expected, blindSpots: { spots: [] } } as never, course)[0]!.text;
}

/** Pending from `true` on, fired after the rule's minute: too late for what is allowed. */
function lateAlert(trueAt: number[], within = 30_000, before = 7200) {
  const alerts = [episode({ pending: 5, firing: 65, told: 70, over: 290 })];
  const expected = { name: 'Slow', or: [], within, receiver: 'shop', weight: 1 };
  const { findings } = grade(game({ rules: [rule()], alerts, expected, trueAt, before }));
  return findings.find(({ subject, about }) => subject === 'alerts' && about === 'Slow')!.text;
}

describe('which golden signal a panel is about', () => {
  it('is told by the title, whatever its unit', () => {
    expect(panel('Errors of checkout')).toBe('errors');
    expect(panel('Latency')).toBe('latency');
    expect(panel('CPU', 'percent')).toBe('saturation');
    expect(panel('Traffic')).toBe('traffic');
    expect(panel('Pods')).toBeUndefined();
  });

  it('is told by the unit where the title says nothing', () => {
    expect([panel('Checkout', 's'), panel('Checkout', 'ms'), panel('Checkout', 'reqps')]).toEqual([
      'latency',
      'latency',
      'traffic',
    ]);
  });
});

describe('what is said of an expected panel', () => {
  it('is when it showed the failure', () => {
    expect(finding({ visibleMs: 12_000 })).toContain('showed it 12 s after the first symptom');
    expect(finding({ visibleMs: 0 })).toContain('showed it with the first symptom');
    expect(finding({ visibleMs: undefined })).toContain('shop/Latency showed it');
    expect(finding({ visibleMs: undefined })).not.toContain('symptom');
  });

  it('is that nobody opened its dashboard, or that it does not exist', () => {
    expect(finding({ opened: false, rank: 3 })).toMatch(/\(panel 3 of its dashboard\); .* was not opened/);
    expect(finding({ verdict: 'missing' })).toBe('shop/Latency does not exist.');
  });

  it('of one that did not show it says what it did: a change below what a reader sees is no standing still', () => {
    const flat = (level?: ExpectedPanelGrade['level']) =>
      finding({ verdict: 'flat', ...(level && { level }) });
    const level = { before: 0.002, during: 0.0021, unit: 's' };
    expect(flat({ ...level, during: 0.013 })).toBe(
      'shop/Latency hardly moved: 2 ms before, 13 ms during the failure.',
    );
    expect(flat({ ...level, during: 0.002 })).toBe('shop/Latency stayed at 2 ms.');
    expect(flat({ ...level, before: null })).toBe('shop/Latency did not show it.');
    expect(flat()).toBe('shop/Latency did not show it.');
  });
});

describe('what is said of panels that show nothing', () => {
  const board = (uid: string, ...panels: object[]) => ({ uid, own: true, verdict: 'not needed', panels });
  const texts = (...boards: object[]) =>
    dashboardFindings({ boards, expected: [], blindSpots: { spots: [] } } as never, course).map(
      ({ text }) => text,
    );

  it('is one sentence for those without data, and the error of each that cannot be drawn', () => {
    const shop = board('shop', { title: 'A', status: 'no data' }, { title: 'B', status: 'flat' });
    const edge = board(
      'edge',
      { title: 'C', status: 'broken', error: 'bad query' },
      { title: 'D', status: 'no data' },
    );
    expect(texts(shop, edge)).toEqual([
      'edge/C cannot be drawn: bad query.',
      'shop/A, edge/D had no data in the whole game.',
    ]);
    expect(texts(board('shop', { title: 'B', status: 'flat' }))).toEqual([]);
  });
});

describe('what a shorter `for` would have cost', () => {
  it('is told with the number of alarms in quiet times, or that there was none', () => {
    expect(lateAlert(every5(5, 280))).toMatch(/would have fired after .*, and not once in the recorded 2 h/);
    const flaps = [...every5(-3000, -2980), ...every5(-2000, -1980), ...every5(5, 280)];
    expect(lateAlert(flaps)).toMatch(/`for: 15s` would have fired after 20 s, and 2 times in the recorded/);
  });

  it('is not told where too little quiet was recorded', () => {
    expect(lateAlert(every5(5, 280), 30_000, 300)).toContain('too little to propose a value');
  });

  it('is told of the longest that is shorter than today and in time', () => {
    const of = (seconds: number, afterMs: number) => ({
      for: seconds * 1000,
      afterMs,
      falseAlarms: 0,
      quietMs: 1,
    });
    const replay = { candidates: [of(0, 5_000), of(15, 20_000), of(30, 35_000), of(60, 65_000)] };
    const proposed = (withinMs: number, isInTime = false) =>
      proposalOf(replay as never, rule(), isInTime, withinMs, 1)?.for;
    expect([41_000, 39_000, 66_000, 6_000].map((within) => proposed(within))).toEqual([
      30_000,
      15_000,
      30_000,
      undefined,
    ]);
    expect(proposed(41_000, true)).toBeUndefined();
  });
});

describe('brackets around an expression', () => {
  it('mean nothing where they are a pair, and are kept where they are not', () => {
    expect(spaceless('( a > 1 )')).toBe('a>1');
    expect(spaceless('((a) > (b))')).toBe('(a)>(b)');
    expect(spaceless('(a) > (b)')).toBe('(a)>(b)');
  });
});

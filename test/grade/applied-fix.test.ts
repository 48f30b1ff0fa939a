import { describe, expect, it } from 'vitest';
import type { Finding, Fix } from '../../src/grade/finding.ts';
import { grade } from '../../src/grade/grade.ts';
import type { GradeInput } from '../../src/grade/input.ts';
import type { AlertRule } from '../../src/signal/series.ts';
import { episode, every5, game, rule } from './game-by-hand.ts';

type Options = Parameters<typeof game>[0];
const within = (seconds: number) => ({
  name: 'Slow',
  or: [],
  within: seconds * 1000,
  receiver: 'shop',
  weight: 1,
});

/** What is to be changed about the alert; whether it is actionable is another matter. */
const toChange = (input: GradeInput): Finding[] =>
  grade(input).findings.filter(
    ({ about, kind, text }) => about === 'Slow' && kind !== 'good' && !text.includes('not actionable'),
  );

/** The game as it would have gone with the rule changed: it fires when the proposal says. */
function playedAgain(options: Options, changed: AlertRule, firing: number): GradeInput {
  const alerts = [episode({ pending: 5, firing, told: firing + 1, over: 290 })];
  return game({ ...options, rules: [changed], alerts });
}

describe('a rule that was never true', () => {
  const loud = rule({ query: 'p95 > 5' });
  const options: Options = {
    rules: [loud],
    expected: within(90),
    before: 7200,
    value: (seconds) => (seconds < 10 ? 0.31 : 2.24),
  };
  const [finding] = toChange(game(options));

  it('gets the nearest round threshold with which it would have been in time, and its price', () => {
    expect(finding?.text).toBe(
      'Slow did not fire: `p95` peaked at 2.24 (threshold > 5). `> 2` would have fired after 1 m 10 s; nothing came that far in the recorded 2 h of quiet before.',
    );
    expect(finding?.fix).toMatchObject({ kind: 'threshold', of: 'Slow', from: '> 5', to: '> 2' });
    expect(finding?.fix?.text.split('\n')).toEqual([
      ' - alert: Slow',
      '-  expr: p95 > 5',
      '+  expr: p95 > 2',
    ]);
  });

  it('is not spoken of again once that is applied', () => {
    expect(toChange(playedAgain(options, { ...loud, query: 'p95 > 2' }, 70))).toEqual([]);
  });

  it.each([
    ['there was too little quiet to tell what it costs', { before: 600 }],
    ['the quiet came as far as the failure', { value: (at: number) => (at % 600 === 0 ? 3 : 2.24) }],
    ['no threshold would have been in time', { expected: within(60) }],
    ['it is no comparison with a number', { rules: [rule({ query: 'p95 > 5 and up' })] }],
  ])('gets none where %s', (_, change: Partial<Options>) => {
    const [one] = toChange(game({ ...options, ...change }));
    expect(one?.text).toContain('did not fire');
    expect(one?.fix).toBeUndefined();
  });

  it('is looked at from the other side where it fires below', () => {
    const below = {
      ...options,
      rules: [rule({ query: 'p95 < 0.1' })],
      value: (at: number) => (at < 10 ? 0.9 : 0.42),
    };
    expect(toChange(game(below))[0]?.fix).toMatchObject({ from: '< 0.1', to: '< 0.5' });
  });
});

describe('a `for` that is too long', () => {
  it('is not spoken of again once the proposed one is applied', () => {
    const slow = rule({ for: 60 });
    const options: Options = {
      rules: [slow],
      expected: within(45),
      before: 7200,
      trueAt: every5(5, 290),
      alerts: [episode({ pending: 5, firing: 65, told: 66, over: 290 })],
    };
    const [finding] = toChange(game(options));
    expect(finding?.fix).toMatchObject({ kind: 'for', from: '1m', to: '30s' });
    expect(toChange(playedAgain(options, { ...slow, for: 30 }, 35))).toEqual([]);
  });
});

describe('links that an alert lacks', () => {
  const other = rule({ name: 'Other', annotations: { runbook_url: 'https://x.example/r/other.md' } });
  const { runbook_url: _, ...annotations } = rule().annotations;
  const bare = rule({ annotations });
  const board = { uid: 'shop', title: 'Shop', model: { panels: [] } };
  const lacking = (rules: AlertRule[], dashboards = [board]): GradeInput => {
    const alerts = [episode({ pending: 5, firing: 65, told: 66, over: 290 })];
    const input = game({ rules, alerts });
    const panels = { expected: [{ dashboard: 'shop', panel: 'p' }] } as GradeInput['scenario']['panels'];
    return { ...input, dashboards, scenario: { ...input.scenario, panels } };
  };
  const lack = (input: GradeInput) =>
    grade(input).findings.find(({ text }) => text.includes('not actionable'));

  it('are written as the other rules write theirs, and gone once that is applied', () => {
    const linked = {
      ...other,
      annotations: { ...other.annotations, board: 'x', dashboard: 'https://g.example/d/shop' },
    };
    const input = lacking([bare, linked]);
    const fix = lack(input)?.fix as Fix;
    expect(fix).toMatchObject({ kind: 'annotation', of: 'Slow', to: 'https://x.example/r/by-hand.md' });
    expect(fix.text.split('\n')).toEqual([
      ' - alert: Slow',
      '   annotations:',
      '+    runbook_url: https://x.example/r/by-hand.md',
      '+    dashboard: https://g.example/d/shop',
    ]);
    const applied = { runbook_url: 'https://x.example/r/by-hand.md', dashboard: 'https://g.example/d/shop' };
    expect(lack(lacking([{ ...bare, annotations: { ...annotations, ...applied } }, linked]))).toBeUndefined();
  });

  it('are not made up where the others do not agree, or link nowhere', () => {
    const third = rule({ name: 'Third', annotations: { runbook_url: 'https://wiki.example/third' } });
    expect(lack(lacking([bare, other, third], []))?.fix).toBeUndefined();
    expect(lack(lacking([bare], []))?.fix).toBeUndefined();
  });
});

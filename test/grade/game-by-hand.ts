import type { GradeInput } from '../../src/grade/input.ts';
import type { AlertEpisode } from '../../src/log/alert-episodes.ts';
import { initialState } from '../../src/log/state.ts';
import type { ExpectedAlert } from '../../src/scenario/schema.ts';
import type { RecordedQuery } from '../../src/signal/recorded-series.ts';
import type { AlertRule } from '../../src/signal/series.ts';
import { playbookOf, step } from './deeds.ts';

/** Unix seconds of the injection; the game lasts 300 s, the recording began 600 s before. */
export const injected = 1_700_000_000;
const ms = (seconds: number) => (injected + seconds) * 1000;

export function rule(rest: Partial<AlertRule> = {}): AlertRule {
  return {
    name: 'Slow',
    group: 'g',
    file: '/rules/shop.yaml',
    query: 'p95 > 0.5',
    for: 60,
    keepFiringFor: 0,
    interval: 5,
    labels: { severity: 'critical' },
    annotations: { summary: 'Slow', description: 'It is slow', runbook_url: 'https://x.example/by-hand' },
    health: 'ok',
    ...rest,
  };
}

/** Moments in seconds from the injection. */
export function episode(
  times: { pending?: number; firing?: number; told?: number; over?: number },
  rest: Partial<AlertEpisode> = {},
): AlertEpisode {
  const at = (seconds: number | undefined) => (seconds === undefined ? undefined : ms(seconds));
  return {
    key: 'Slow{}',
    name: 'Slow',
    labels: { severity: 'critical' },
    annotations: {},
    state: 'firing',
    background: false,
    activeAt: ms(times.pending ?? times.firing ?? 0),
    pendingAt: at(times.pending),
    firingAt: at(times.firing),
    notifiedAt: at(times.told),
    inactiveAt: at(times.over),
    receivers: times.told === undefined ? [] : ['shop'],
    ...rest,
  };
}

/** `trueAt`: seconds from the injection at which the rule's expression was true; the step is 5 s. */
export function game(options: {
  rules?: AlertRule[];
  alerts?: AlertEpisode[];
  expected?: ExpectedAlert;
  trueAt?: number[];
  /** Undefined: no sample. */
  value?: (seconds: number) => number | undefined;
  /** Seconds recorded before the injection. */
  before?: number;
}): GradeInput {
  const { rules = [rule()], alerts = [], trueAt = [], value, before = 600 } = options;
  const expected = options.expected ?? { name: 'Slow', or: [], within: 90_000, receiver: 'shop', weight: 1 };
  const grid = every5(-before, 300);
  const queries: RecordedQuery[] = [
    {
      kind: 'alert-rule',
      name: 'Slow',
      query: 'p95 > 0.5',
      outcome: 'recorded',
      series: trueAt.length > 0 ? [{ labels: {}, points: trueAt.map((at) => [injected + at, 1]) }] : [],
    },
    {
      kind: 'alert-value',
      name: 'Slow',
      query: 'p95',
      outcome: 'recorded',
      series: value ? [{ labels: {}, points: grid.flatMap((at) => pointAt(at, value(at))) }] : [],
    },
  ];
  return {
    state: {
      ...initialState,
      injectedAt: ms(0),
      at: ms(300),
      alerts,
      ended: { at: ms(300), ending: 'timed-out', why: 'the time was over' },
    },
    scenario: {
      apiVersion: 'misfortune/v1',
      kind: 'Scenario',
      name: 'by-hand',
      title: 'Slow',
      difficulty: 1,
      tags: [],
      owner: 'shop',
      stack: { name: 'shop', namespaces: [] },
      needs: [],
      params: {},
      renamed: {},
      briefing: 'Slow.',
      steadyState: [],
      faults: [],
      decoys: [],
      oracle: { promql: { query: 'p95', below: 0.5 }, sustained: 30_000 } as GradeInput['scenario']['oracle'],
      abort: [],
      fixes: [],
      wrongFixes: [],
      alerts: { expected: [expected], acceptable: [] },
      panels: { expected: [] },
      diagnosis: { origin: 'job/batch/export', accept: [], mechanism: 'load' },
      playbook: { name: 'by-hand', with: {} },
      hints: [],
      timeout: 300_000,
      debrief: 'It was slow.',
    },
    playbook: playbookOf([step('look')]),
    rules: { alerting: rules, recording: [] },
    dashboards: [],
    series: { version: 2, start: injected - before, end: injected + 300, step: 5, queries, skipped: [] },
  };
}

function pointAt(at: number, value: number | undefined): [number, number][] {
  return value === undefined ? [] : [[injected + at, value]];
}

/** 0, 5, 10 … seconds. */
export function every5(from: number, until: number): number[] {
  return Array.from({ length: Math.floor((until - from) / 5) + 1 }, (_, index) => from + index * 5);
}

/** The same as it was played, with its state as the log would give it. */
export function playedByHand(
  options: Parameters<typeof game>[0],
  state: Partial<GradeInput['state']> = {},
): GradeInput {
  const input = game(options);
  const phases = [{ phase: 'respond' as const, at: input.state.injectedAt! }];
  return { ...input, state: { ...input.state, phases, ...state } };
}

import { episodesOf } from '../../rules/alert-states.ts';
import { type Comparison, comparisonOf } from '../../signal/comparison.ts';
import type { AlertRule } from '../../signal/series.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { recordingOf } from '../quiet.ts';
import { onGrid } from '../windows.ts';
import { evaluationsOf, isPriced, wholeMs } from './counterfactual.ts';
import { ruleFix } from './rule-fix.ts';

/** Another threshold, what it would have done in this game, and the change of the rule. Durations in ms. */
export interface ThresholdProposal {
  /** `> 0.3` */
  compares: string;
  /** From the first symptom until it would have fired. */
  afterMs: number;
  /** How long the quiet before the injection was in which nothing came that far; real ms. */
  quietMs: number;
  fix: Fix;
}

/**
 * For a rule that was never true: the threshold nearest to today's with which it would have fired in time, with one
 * evaluation to spare, and that nothing reached in the quiet. Undefined where there is none, or too little quiet to tell.
 */
export function thresholdProposal(
  rule: AlertRule,
  withinMs: number,
  input: GradeInput,
  moments: Moments,
): ThresholdProposal | undefined {
  const compared = rule.ruler === undefined ? comparisonOf(rule.query) : undefined;
  const recording = recordingOf(input, moments);
  const recorded = input.series?.queries.find(({ kind, name, query, outcome }) => {
    return kind === 'alert-value' && name === rule.name && query === compared?.left && outcome === 'recorded';
  });
  if (!compared || !/^[<>]=?$/.test(compared.operator) || !recording || !recorded) return undefined;
  const { windows } = recording;
  const { indices } = recording.quiet(rule.query);
  const quietMs = indices.length * windows.step * 1000;
  const forMs = rule.for * 1000;
  if (!isPriced({ for: forMs * moments.speed, quietMs }, moments.speed)) return undefined;
  const quiet = recorded.series.flatMap((one) => {
    const values = onGrid(one, windows);
    return indices.flatMap((index) => (Number.isNaN(values[index]) ? [] : [values[index]!]));
  });
  const spare = Math.min(rule.interval * 1000, withinMs / 4);
  const [injected, until] = [wholeMs(windows.from, windows), wholeMs(windows.until, windows)];
  for (const threshold of candidates(compared, quiet)) {
    const isTrue = (value: number) => holds(value, compared.operator, threshold);
    // Each further one is reached by more.
    if (quiet.some(isTrue)) return undefined;
    const evaluations = evaluationsOf(recorded, windows, indices, isTrue);
    const fires = episodesOf({ forMs, keepFiringForMs: rule.keepFiringFor * 1000 }, evaluations)
      .flatMap(({ alert }) => (alert.state === 'firing' ? [alert.activeAt + forMs] : []))
      .filter((at) => at >= injected && at <= until);
    const afterMs = Math.max(0, Math.min(...fires) - moments.symptom);
    if (fires.length === 0 || afterMs + spare > withinMs) continue;
    return {
      compares: `${compared.operator} ${threshold}`,
      afterMs,
      quietMs,
      fix: fixOf(rule, compared, threshold, input),
    };
  }
  return undefined;
}

/** Round numbers between today's threshold and the quiet, nearest to today's first. */
function candidates({ operator, threshold }: Comparison, quiet: readonly number[]): number[] {
  const usual = operator.startsWith('>') ? Math.max(...quiet) : Math.min(...quiet);
  const [low, high] = [Math.min(threshold, usual), Math.max(threshold, usual)];
  if (!Number.isFinite(usual) || high <= 0) return [];
  const least = Math.max(low, high * smallest);
  const powers = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(least)) + 1 },
    (_, index) => index + Math.floor(Math.log10(least)),
  );
  const round = powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(3))))
    .filter((one) => one >= least && one <= high && one !== threshold);
  return operator.startsWith('>') ? round.sort((a, b) => b - a) : round.sort((a, b) => a - b);
}

/** Of today's threshold: what is below a hundredth of it measures something else. */
const smallest = 0.01;

const steps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

function holds(value: number, operator: Comparison['operator'], threshold: number): boolean {
  if (operator === '>') return value > threshold;
  if (operator === '>=') return value >= threshold;
  return operator === '<' ? value < threshold : value <= threshold;
}

/** The number is the last that is written in the rule. */
function fixOf(rule: AlertRule, { operator }: Comparison, threshold: number, input: GradeInput): Fix {
  const [from = ''] = /[^\s<>=()]+(?=[\s)]*$)/.exec(rule.query) ?? [];
  const at = rule.query.lastIndexOf(from);
  const to = rule.query.slice(0, at) + String(threshold) + rule.query.slice(at + from.length);
  const part = { from, to: String(threshold), last: true as const };
  const fix = ruleFix('threshold', rule.name, [{ path: ['expr'], from: rule.query, to, part }], input);
  return { ...fix, from: `${operator} ${from}`, to: `${operator} ${threshold}` };
}

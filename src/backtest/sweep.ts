import { exitCodes, MisfortuneError } from '../errors.ts';
import { weights } from '../grade/weights.ts';
import { comparisonIn, thresholdOf, withComparison, withThreshold } from '../promql/syntax/comparison.ts';
import type { RuleDefinition, RuleGroupDefinition } from '../rules/rule.ts';
import { suggest } from '../words/nearest.ts';
import type { RecordedGame } from './game.ts';
import { type AlertOutcome, backtest } from './outcome.ts';

/** What one `for` and one threshold would have done over all games. */
export interface SweepPoint {
  /** ms at speed 1, as a rule file says it. */
  readonly forMs: number;
  /** Undefined: the expression is no comparison with a number. */
  readonly threshold: number | undefined;
  /** It is what the rule says today. */
  readonly isToday: boolean;
  /** Games that expect the alert: in so many of them it fires. */
  readonly fires: number;
  readonly expectedIn: number;
  /** The median of the times from the injection until it fires, real ms; undefined where it fires in no game. */
  readonly firesAfterMs: number | undefined;
  readonly falseAlarms: number;
  /** Quiet hours of all games at speed 1. */
  readonly quietHours: number;
  /** No other point fires in as many games, as early and with as few false alarms. */
  readonly onFrontier: boolean;
}

/** Thresholds that are tried, as parts of today's. */
const factors = [0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 4] as const;

/** Tries every `for` with every threshold of the first rule of an alert. @throws MisfortuneError `unknown-alert` */
export function sweep(
  games: readonly RecordedGame[],
  rules: readonly RuleGroupDefinition[],
  alert: string,
): SweepPoint[] {
  const found = findRule(rules, alert);
  const variants = variantsOf(found);
  // Its own recording rules have to be there; other alerts have not.
  const tried: RuleGroupDefinition[] = rules.map((group) => ({
    ...group,
    rules: group.rules.flatMap((rule) => {
      if (rule === found) return variants.map(({ rule: variant }) => variant);
      return rule.kind === 'recording' ? [rule] : [];
    }),
  }));
  const outcomes = games.map((game) => ({ game, alerts: backtest(game, tried) }));
  const points = variants.map(({ rule, threshold, isToday }): SweepPoint => {
    const each = outcomes.map(({ game, alerts }) => ({ game, outcome: alerts.get(rule.name)! }));
    return { forMs: rule.forMs, threshold, isToday, ...sumOf(each, alert), onFrontier: false };
  });
  return points.map((point) => ({ ...point, onFrontier: !points.some((other) => beats(other, point)) }));
}

function findRule(rules: readonly RuleGroupDefinition[], alert: string): RuleDefinition {
  const alerting = rules.flatMap((group) => group.rules).filter(({ kind }) => kind === 'alerting');
  const rule = alerting.find(({ name }) => name === alert);
  if (rule) return rule;
  const names = [...new Set(alerting.map(({ name }) => name))];
  throw new MisfortuneError('unknown-alert', `Expected an alert of the rules, got "${alert}".`, {
    todo: suggest(alert, names) ?? 'Name a rule file with alerting rules.',
    exitCode: exitCodes.usage,
  });
}

interface Variant {
  rule: RuleDefinition;
  threshold: number | undefined;
  isToday: boolean;
}

/** Each has a name of its own, so that outcomes are told apart. */
function variantsOf(rule: RuleDefinition): Variant[] {
  const comparison = comparisonIn(rule.expr);
  const today = comparison && thresholdOf(comparison);
  const thresholds = today === undefined ? [undefined] : factors.map((factor) => rounded(today * factor));
  const all = [...new Set([...weights.alerts.candidates, rule.forMs])].sort((a, b) => a - b);
  return [...new Set(thresholds)].flatMap((threshold) =>
    all.map((forMs): Variant => {
      const expr =
        threshold === undefined
          ? rule.expr
          : withComparison(rule.expr, (one) => withThreshold(one, threshold));
      const isToday = forMs === rule.forMs && threshold === today;
      return {
        threshold,
        isToday,
        rule: { ...rule, forMs, expr, name: `${rule.name} ${forMs} ${threshold}` },
      };
    }),
  );
}

/** Floating point leaves 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function sumOf(
  each: readonly { game: RecordedGame; outcome: AlertOutcome }[],
  alert: string,
): Pick<SweepPoint, 'fires' | 'expectedIn' | 'firesAfterMs' | 'falseAlarms' | 'quietHours'> {
  const wanted = each.filter(({ game }) =>
    game.expected.some(({ name, or }) => name === alert || or.includes(alert)),
  );
  const times = wanted.flatMap(({ outcome }) => outcome.firedAfterMs ?? []).sort((a, b) => a - b);
  return {
    fires: times.length,
    expectedIn: wanted.length,
    firesAfterMs: times[times.length >> 1],
    falseAlarms: each.reduce((sum, { outcome }) => sum + outcome.falseAlarms, 0),
    quietHours: each.reduce(
      (sum, { game, outcome }) => sum + (outcome.quietMs * game.moments.speed) / 3_600_000,
      0,
    ),
  };
}

function beats(one: SweepPoint, other: SweepPoint): boolean {
  const [a, b] = [one.firesAfterMs ?? Infinity, other.firesAfterMs ?? Infinity];
  const isAsGood = one.fires >= other.fires && a <= b && one.falseAlarms <= other.falseAlarms;
  return isAsGood && (one.fires > other.fires || a < b || one.falseAlarms < other.falseAlarms);
}

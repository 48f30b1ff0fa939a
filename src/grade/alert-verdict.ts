import type { AlertEpisode } from '../log/alert-episodes.ts';
import type { ExpectedAlert } from '../scenario/schema.ts';
import { closest, comparisonOf } from '../signal/comparison.ts';
import type { AlertRule } from '../signal/series.ts';
import { type Replay, replay } from './counterfactual.ts';
import type { GradeInput } from './grade.ts';
import type { Moments } from './moments.ts';
import { onGrid, windowsOf } from './windows.ts';
import { duration, number, quoted } from './words.ts';

/** Why an expected alert told nobody in time: the first that is true, in this order. */
export type WhyNot =
  | 'not_observed'
  | 'no_rule'
  | 'rule_unhealthy'
  | 'series_missing'
  | 'expr_never_true'
  | 'pending_only'
  | 'fired_silenced'
  | 'fired_inhibited'
  | 'fired_unrouted'
  | 'fired_late'
  | 'ok';

export interface AlertVerdict {
  verdict: WhyNot;
  /** The reason in words, with the values seen. */
  text: string;
}

/** What is known of one alert name in one game. */
export interface AlertCase {
  rule?: AlertRule;
  /** New episodes since the injection, in order. */
  episodes: AlertEpisode[];
  replay?: Replay;
  expected: ExpectedAlert;
  /** Limit from the symptom to firing, real ms. */
  withinMs: number;
}

export function alertCase(
  name: string,
  expected: ExpectedAlert,
  withinMs: number,
  input: GradeInput,
  moments: Moments,
): AlertCase {
  const rule = input.rules?.alerting.find((one) => one.name === name);
  return {
    rule,
    episodes: input.state.alerts.filter(
      (one) => one.name === name && !one.background && lastsInto(one, moments),
    ),
    ...(rule && { replay: replay(rule, input.series, moments) }),
    expected,
    withinMs,
  };
}

/** Of an expected alert: fired, told to its owner and in time is `ok`. */
export function alertVerdict(one: AlertCase, input: GradeInput, moments: Moments): AlertVerdict {
  const { rule, episodes } = one;
  const fired = episodes.filter(({ firingAt }) => firingAt !== undefined && firingAt <= moments.end);
  if (fired.length > 0) return verdictOfFired(fired, one, input, moments);
  const unseenMs = unseenFor(input, moments);
  if (unseenMs > 0 && !isRecorded(one)) {
    const text = `may have fired: Prometheus did not answer for ${duration(unseenMs)} of the game`;
    return { verdict: 'not_observed', text };
  }
  if (!input.rules) return { verdict: 'series_missing', text: 'it did not fire; the rules are not known' };
  if (!rule) return { verdict: 'no_rule', text: 'no rule of this name exists' };
  if (rule.health === 'err') {
    return { verdict: 'rule_unhealthy', text: `the rule fails: ${rule.lastError ?? 'no reason is given'}` };
  }
  if (episodes.length > 0 || (one.replay && one.replay.longestMs > 0)) {
    const longest = Math.max(one.replay?.longestMs ?? 0, ...episodes.map((each) => pendingMs(each, moments)));
    const text = `pending for ${duration(longest)} at most; it needs ${duration(rule.for * 1000)}`;
    return { verdict: 'pending_only', text };
  }
  return neverTrue(rule, input, moments);
}

/** For how long of the game nobody could see alerts, ms. */
function unseenFor({ state }: GradeInput, { injected, end }: Moments): number {
  const gaps = state.failures
    .filter(({ part }) => part === 'prometheus')
    .map(({ at, until = end }): [number, number] => [Math.max(at, injected), Math.min(until, end)])
    .sort(([a], [b]) => a - b);
  let seenUntil = injected;
  let unseen = 0;
  for (const [from, until] of gaps) {
    unseen += Math.max(0, until - Math.max(from, seenUntil));
    seenUntil = Math.max(seenUntil, until);
  }
  return unseen;
}

/** Whether the recording tells that it cannot have fired in a gap: samples are there, and never true for long enough. */
function isRecorded({ rule, replay: replayed }: AlertCase): boolean {
  return rule !== undefined && replayed !== undefined && replayed.longestMs < rule.for * 1000;
}

function verdictOfFired(
  fired: AlertEpisode[],
  { expected, withinMs }: AlertCase,
  { state }: GradeInput,
  { symptom }: Moments,
): AlertVerdict {
  const first = Math.min(...fired.map(({ firingAt }) => firingAt!));
  const after = duration(Math.max(0, first - symptom));
  const told = fired.filter(({ notifiedAt }) => notifiedAt !== undefined);
  const held = fired.find(({ suppressed }) => suppressed !== undefined)?.suppressed;
  if (told.length === 0 && held && held.silencedBy.length > 0) {
    return {
      verdict: 'fired_silenced',
      text: `fired after ${after}; silenced by ${held.silencedBy.join(', ')}`,
    };
  }
  if (told.length === 0 && held) {
    const by = held.inhibitedBy.join(', ') || 'another alert';
    return { verdict: 'fired_inhibited', text: `fired after ${after}; inhibited by ${by}` };
  }
  const blind = state.failures.some(({ part }) => part === 'alertmanager');
  const receivers = [...new Set(told.flatMap((each) => each.receivers))];
  const { receiver } = expected;
  if (told.length === 0 && !blind) {
    return { verdict: 'fired_unrouted', text: `fired after ${after}; Alertmanager told no receiver` };
  }
  if (told.length > 0 && receiver !== undefined && !receivers.includes(receiver)) {
    const text = `fired after ${after}; told ${receivers.join(', ')}, not its owner ${receiver}`;
    return { verdict: 'fired_unrouted', text };
  }
  const limit = `${duration(withinMs)} allowed`;
  if (first - symptom > withinMs) {
    return { verdict: 'fired_late', text: `fired ${after} after the first symptom (${limit})` };
  }
  return { verdict: 'ok', text: `fired ${after} after the first symptom (${limit})` };
}

function neverTrue(rule: AlertRule, { series }: GradeInput, moments: Moments): AlertVerdict {
  const compared = comparisonOf(rule.query);
  const recorded = series?.queries.find(({ kind, name, query }) => {
    return (kind === 'alert-value' && name === rule.name) || (compared && query === compared.left);
  });
  if (!series || !compared || !recorded) {
    return { verdict: 'expr_never_true', text: `${quoted(rule.query)} was never true` };
  }
  const windows = windowsOf(series, moments);
  const values = recorded.series.flatMap((one) => onGrid(one, windows).slice(windows.from, windows.until));
  const best = closest(compared, values);
  if (best === undefined) {
    const text =
      recorded.why ?? `${quoted(compared.left)} has no samples: the metric is missing, or its labels`;
    return { verdict: 'series_missing', text };
  }
  const text = `${quoted(compared.left)} came to ${number(best)}; the rule asks for ${compared.operator} ${number(compared.threshold)}`;
  return { verdict: 'expr_never_true', text };
}

function pendingMs({ activeAt, pendingAt, inactiveAt }: AlertEpisode, { end }: Moments): number {
  return Math.max(0, (inactiveAt ?? end) - (pendingAt ?? activeAt));
}

/** Prometheus stamps an alert by its evaluation, a little before our own events. */
function lastsInto({ activeAt, inactiveAt }: AlertEpisode, { injected, end }: Moments): boolean {
  return (
    activeAt >= injected - 1000 && activeAt <= end && (inactiveAt === undefined || inactiveAt >= injected)
  );
}

import { type AlertEpisode, alertClockSlack } from '../../log/alert-episodes.ts';
import type { ExpectedAlert } from '../../scenario/schema.ts';
import { closest, comparisonOf } from '../../signal/comparison.ts';
import { grafanaAlerting } from '../../signal/rules/all.ts';
import type { AlertRule } from '../../signal/series.ts';
import { quoted } from '../../words/escape.ts';
import { number } from '../../words/number.ts';
import { duration, utc } from '../../words/time.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { weights } from '../weights.ts';
import { onGrid, windowsOf } from '../windows.ts';
import { isToldUnknown, ownerHeard, type Told, toldOf } from './alert-told.ts';
import { type Replay, replay } from './counterfactual.ts';
import { missingSeries } from './missing-series.ts';
import { misspeltOwner } from './nearest-names.ts';
import { pendingText } from './pending.ts';

/** Why an expected alert told nobody in time: the first that is true, in this order. */
export type WhyNot =
  | 'not_observed'
  | 'always_on'
  | 'on_before'
  | 'no_rule'
  | 'rule_unhealthy'
  | 'series_missing'
  | 'expr_never_true'
  | 'pending_only'
  | 'fired_silenced'
  | 'fired_inhibited'
  | 'fired_muted'
  | 'fired_unrouted'
  | 'fired_late'
  | 'ok';

export interface AlertVerdict {
  verdict: WhyNot;
  /** What it did, with the values seen: the end of a sentence that begins with its name. */
  text: string;
  /** What would mend it, if one change would. */
  fix?: Fix;
}

/** What is known of one alert name in one game. */
export interface AlertCase {
  name: string;
  rule?: AlertRule;
  /** New episodes since the injection, in order. */
  episodes: AlertEpisode[];
  /** Those that began before it. */
  before: AlertEpisode[];
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
  const all = input.state.alerts.filter((one) => one.name === name);
  return {
    name,
    rule,
    episodes: all.filter((one) => !one.background && lastsInto(one, moments)),
    before: all.filter((one) => one.background),
    ...(rule && !rule.notPromql && { replay: replay(rule, input, moments) }),
    expected,
    withinMs,
  };
}

/** Of an expected alert: fired, told to its owner and in time is `ok`. */
export function alertVerdict(one: AlertCase, input: GradeInput, moments: Moments): AlertVerdict {
  const { rule, episodes } = one;
  const fired = episodes.filter(({ firingAt }) => firingAt !== undefined && firingAt <= moments.end);
  if (fired.length > 0) return verdictOfFired(fired, one, input, moments);
  const wasOn = onBefore(one, input, moments);
  if (wasOn) return wasOn;
  const evaluators = rule ? [rule.ruler ?? 'prometheus'] : ['prometheus', ...(input.rules?.silent ?? [])];
  const unseenMs = unseenFor(evaluators, input, moments);
  if (unseenMs > 0 && !isRecorded(one)) {
    const who = evaluators.map((part) => (part === 'prometheus' ? 'Prometheus' : part)).join(' or ');
    const text = `may have fired: ${who} did not answer for ${duration(unseenMs)} of the game`;
    return { verdict: 'not_observed', text };
  }
  if (!input.rules) return { verdict: 'series_missing', text: 'did not fire; the rules are not known' };
  if (!rule && input.rules.silent && input.rules.silent.length > 0) {
    const text = `has no rule that is known: ${input.rules.silent.join(', ')} listed none`;
    return { verdict: 'not_observed', text };
  }
  if (!rule) return { verdict: 'no_rule', text: 'has no rule' };
  if (rule.health === 'err') {
    const why = rule.lastError ?? 'no reason is given';
    return {
      verdict: 'rule_unhealthy',
      text: `has a rule that ${rule.ruler ?? 'Prometheus'} cannot evaluate: ${why}`,
    };
  }
  if (episodes.length > 0 || (one.replay && one.replay.longestMs > 0)) {
    const text = pendingText(rule, episodes, one.replay?.longestMs ?? 0, moments);
    return { verdict: 'pending_only', text };
  }
  return neverTrue(rule, input, moments);
}

/** It fired before the failure was there: whatever it did then tells nothing of this failure. */
function onBefore(
  { name, before }: AlertCase,
  { state }: GradeInput,
  { end, injected }: Moments,
): AlertVerdict | undefined {
  const inGame = before.filter(({ inactiveAt = end }) => inactiveAt >= injected);
  const fromBaseline = state.baseline?.alertsFiring.includes(name) === true && before.length === 0;
  if (inGame.length === 0 && !fromBaseline) return undefined;
  const began = (one: AlertEpisode) => one.firingAt ?? one.activeAt;
  if (fromBaseline || inGame.some((one) => began(one) <= injected && (one.inactiveAt ?? end) >= end)) {
    return {
      verdict: 'always_on',
      text: 'fired before the failure and until the end: it always fires, so it announces nothing',
    };
  }
  return {
    verdict: 'on_before',
    text: 'was already firing when the failure began: it cannot be measured',
  };
}

/** For how long of the game nobody could see alerts, ms. */
function unseenFor(evaluators: readonly string[], { state }: GradeInput, { injected, end }: Moments): number {
  const gaps = state.failures
    .filter(({ part }) => evaluators.includes(part))
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
  { expected, withinMs, rule }: AlertCase,
  input: GradeInput,
  moments: Moments,
): AlertVerdict {
  const first = Math.min(...fired.map(({ firingAt }) => firingAt!));
  const after = duration(Math.max(0, first - moments.symptom));
  const times = again(fired);
  const told = toldOf(fired, input, moments);
  if (!ownerHeard(told, expected.receiver) && !isToldUnknown(input, { ruler: rule?.ruler, fired })) {
    const why = whyNotHeard(fired, told, expected, rule, input);
    return { ...why, text: `fired after ${after}${times}; ${why.text}` };
  }
  const limit = `${duration(withinMs)} allowed`;
  const lost = lostFor(first, told, expected.receiver, moments);
  return {
    verdict: first + lost.ms - moments.symptom > withinMs ? 'fired_late' : 'ok',
    text: `fired ${sinceSymptom(first - moments.symptom, rule)} the first symptom (${limit})${times}${lost.text}`,
  };
}

/** For how long after it fired (at `first`) its owner knew nothing, ms; what an alert needs on its way is no loss. */
function lostFor(
  first: number,
  { heard }: Told,
  receiver: string | undefined,
  { speed }: Moments,
): { ms: number; text: string } {
  const owner = receiver === undefined ? heard[0] : heard.find(({ name }) => name === receiver);
  const ms = owner ? owner.at - first : 0;
  if (!owner || ms <= weights.alerts.onItsWay / speed + alertClockSlack) return { ms: 0, text: '' };
  const before = heard.flatMap(({ name, at }) => (at < owner.at ? [name] : [])).join(', ');
  const others = before === '' ? 'nobody was before' : `only ${before} was before`;
  return { ms, text: `; ${owner.name} was notified ${duration(ms)} later, ${others}` };
}

/** Evaluations and samples are some seconds apart: what differs by less happened together. */
function sinceSymptom(ms: number, rule: AlertRule | undefined): string {
  const apart = Math.max(alertClockSlack, (rule?.interval ?? 0) * 1000);
  return ms < -apart ? `${duration(-ms)} before` : `${duration(Math.max(0, ms))} after`;
}

/** Every time that one label set fired again is told: an alert that comes and goes is hard to follow. */
function again(fired: readonly AlertEpisode[]): string {
  const counts = new Map<string, number>();
  for (const { key } of fired) counts.set(key, (counts.get(key) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return most > 1 ? `, ${most} times in all: it flaps` : '';
}

function whyNotHeard(
  fired: readonly AlertEpisode[],
  { heard, late, nowhere, silentSeverity }: Told,
  { receiver }: ExpectedAlert,
  rule: AlertRule | undefined,
  input: GradeInput,
): AlertVerdict {
  const { state, scenario } = input;
  const held = fired.findLast(({ suppressed }) => suppressed !== undefined)?.suppressed;
  const names = (told: { name: string }[]) => told.map(({ name }) => name).join(', ');
  if (heard.length > 0 && silentSeverity !== undefined) {
    const text = `notified ${names(heard)} with severity ${silentSeverity}, for which nobody is paged`;
    return { verdict: 'fired_unrouted', text };
  }
  const slip = misspeltOwner(rule, receiver ?? scenario.owner, input);
  const because = slip ? `: ${slip.text}` : '';
  const unrouted = { verdict: 'fired_unrouted' as const, ...(slip && { fix: slip.fix }) };
  if (heard.length > 0) {
    return { ...unrouted, text: `notified ${names(heard)}, not its owner ${receiver}${because}` };
  }
  if (held && held.silencedBy.length > 0) {
    const fix = silenceFix(held.silencedBy, state, rule?.ruler);
    return {
      verdict: 'fired_silenced',
      text: `nobody was notified: ${silencesText(held.silencedBy, state, rule?.ruler)}`,
      ...(fix && { fix }),
    };
  }
  if (held && held.inhibitedBy.length > 0) {
    return {
      verdict: 'fired_inhibited',
      text: `nobody was notified: inhibited by ${held.inhibitedBy.join(', ')}`,
    };
  }
  if (held) {
    const by = held.mutedBy?.join(', ');
    return {
      verdict: 'fired_muted',
      text: `nobody was notified: muted by ${by ? `the time interval ${by}` : 'a time interval of its route'}`,
    };
  }
  if (nowhere.length > 0) {
    const text = `routed to ${nowhere.join(', ')}, which has no integration: nobody was notified`;
    return { ...unrouted, text };
  }
  if (late.length > 0) return { ...unrouted, text: `notified ${names(late)} only after the game was over` };
  return { ...unrouted, text: `Alertmanager notified no receiver${because}` };
}

/** Ends what held it back, by Alertmanager's own tool; Grafana has none. */
function silenceFix(
  ids: readonly string[],
  { silences }: GradeInput['state'],
  ruler: string | undefined,
): Fix | undefined {
  const [first = ''] = ids;
  if (ruler === grafanaAlerting) return undefined;
  const ends = silences[first]?.endsAt;
  return {
    kind: 'silence',
    of: first,
    ...(ends !== undefined && { from: `until ${utc(ends)}` }),
    to: 'expired',
    language: 'sh',
    text: ids.map(expireCommand).join('\n'),
  };
}

function expireCommand(id: string): string {
  return `amtool silence expire ${id} --alertmanager.url="$ALERTMANAGER_URL"`;
}

/** Who made it, why and until when, and how it is removed. */
function silencesText(
  ids: readonly string[],
  { silences }: GradeInput['state'],
  ruler: string | undefined,
): string {
  return ids
    .map((id) => {
      const silence = silences[id];
      const remove = ruler === grafanaAlerting ? 'Grafana (Alerting, Silences)' : quoted(expireCommand(id));
      if (!silence) return `silenced (by whom is not known); ${remove} removes the silence`;
      const { createdBy, comment, endsAt } = silence;
      const by = createdBy === '' ? 'somebody without a name' : createdBy;
      const said = comment === '' ? 'without a comment' : `“${comment}”`;
      return `silenced by ${by} (${said}) until ${utc(endsAt)}; ${remove} removes the silence`;
    })
    .join('; ');
}

function neverTrue(rule: AlertRule, input: GradeInput, moments: Moments): AlertVerdict {
  if (rule.notPromql) return neverTrueElsewhere(rule, 'its expression is not PromQL');
  const { series } = input;
  const compared = comparisonOf(rule.query);
  const recorded = series?.queries.find(({ kind, name, query }) => {
    return (kind === 'alert-value' && name === rule.name) || (compared && query === compared.left);
  });
  // A ruler may read another store: what is not here may be there.
  const missing = rule.ruler === undefined ? missingSeries(rule, input, moments) : undefined;
  const fix = missing?.fix && { fix: missing.fix };
  if (!series || !compared || !recorded) {
    if (missing) return { verdict: 'series_missing', text: `did not fire: ${missing.text}`, ...fix };
    return { verdict: 'expr_never_true', text: `did not fire: ${quoted(rule.query)} was never true` };
  }
  const windows = windowsOf(series, moments);
  const values = recorded.series.flatMap((one) => onGrid(one, windows).slice(windows.from, windows.until));
  const best = closest(compared, values);
  if (best === undefined) {
    if (recorded.outcome === 'no answer' || recorded.outcome === 'not asked') {
      const why = recorded.why ?? recorded.outcome;
      return { verdict: 'not_observed', text: `did not fire; why is not known (${why})` };
    }
    if (rule.ruler !== undefined) return neverTrueElsewhere(rule, 'this Prometheus has none of its series');
    const why = `${quoted(compared.left)} has no samples: the metric is missing, or its labels`;
    const text = `did not fire: ${recorded.why ?? missing?.text ?? why}`;
    return { verdict: 'series_missing', text, ...fix };
  }
  const came = compared.operator.startsWith('<') ? 'fell to' : 'peaked at';
  const text = `did not fire: ${quoted(compared.left)} ${came} ${number(best)} (threshold ${compared.operator} ${number(compared.threshold)})`;
  return { verdict: 'expr_never_true', text };
}

/** Whoever evaluates it was asked all the time, and it was neither pending nor firing: more is not known here. */
function neverTrueElsewhere({ ruler }: AlertRule, why: string): AlertVerdict {
  const text = `did not fire: its expression was never true for ${ruler}; not evaluated here (${why})`;
  return { verdict: 'expr_never_true', text };
}

/** Prometheus stamps an alert by its evaluation, a little before our own events. */
function lastsInto({ activeAt, inactiveAt }: AlertEpisode, { injected, end }: Moments): boolean {
  return (
    activeAt >= injected - 1000 && activeAt <= end && (inactiveAt === undefined || inactiveAt >= injected)
  );
}

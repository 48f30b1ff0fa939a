import type { ExpectedAlert } from '../scenario/schema.ts';
import { type HandlingCheck, handlingOf, namesIn } from './alert-handling.ts';
import { faultedNames, type NotificationGroup, notificationGroups } from './alert-precision.ts';
import { type AlertCase, alertCase, alertVerdict, type WhyNot } from './alert-verdict.ts';
import { type Counterfactual, proposalOf } from './counterfactual.ts';
import type { GradeInput } from './grade.ts';
import type { Moments } from './moments.ts';
import type { Letter } from './scorecard.ts';
import { letterOf, weights } from './weights.ts';

/** What the alerts were worth in this game. */
export interface AlertsGrade {
  /** —: none of the expected alerts could be observed. */
  letter: Letter | '—';
  score: number;
  /** Parts of the score in [0, 1]; undefined: nothing to measure it by, then it is left out of the score. */
  parts: Partial<Record<keyof typeof weights.alerts.shares, number>>;
  expected: ExpectedAlertGrade[];
  groups: NotificationGroup[];
  /** Fired in the baseline already: neither hits nor false alarms. */
  background: string[];
}

/** An expected alert (or the first of its set that fired). Moments in ms from the injection. */
export interface ExpectedAlertGrade {
  name: string;
  weight: number;
  verdict: WhyNot;
  text: string;
  fired: boolean;
  /** Allowed from the first symptom to firing, ms. */
  withinMs: number;
  /** From the first symptom to firing, ms; undefined if it never fired: then it is more than `censoredMs`. */
  detectionMs?: number;
  censoredMs: number;
  /** Rules are evaluated this often: every time of an alert is uncertain by as much, ms. */
  plusMinusMs: number;
  pendingAt?: number;
  firingAt?: number;
  notifiedAt?: number;
  resetAt?: number;
  /** From the end of the fault to its reset without keep_firing_for, ms. */
  resetMs?: number;
  receivers: string[];
  receiver?: string;
  /** Label sets that fired. */
  instances: number;
  /** How often it went off and came back. */
  flaps: number;
  handling: HandlingCheck[];
  /** Objects of the failure that the alert names. */
  names: string[];
  rule?: { query: string; for: number; file: string; group: string };
  counterfactual?: Counterfactual;
  /** From the first symptom until the expression was true, ms. */
  trueAfterMs?: number;
}

export function gradeAlerts(input: GradeInput, moments: Moments): AlertsGrade {
  const expected = input.scenario.alerts.expected.map((one) => gradeExpected(one, input, moments));
  const groups = notificationGroups(input, moments);
  const parts = partsOf(expected, groups);
  const measured = Object.entries(parts) as [keyof typeof parts, number][];
  const total = measured.reduce((sum, [part]) => sum + weights.alerts.shares[part], 0);
  const score =
    total === 0
      ? 0
      : measured.reduce((sum, [part, value]) => sum + value * weights.alerts.shares[part], 0) / total;
  const background = [...new Set(input.state.alerts.filter((one) => one.background).map(({ name }) => name))];
  // What nobody could see gets no letter for the rest.
  const isBlind = expected.length > 0 && parts.recall === undefined;
  return {
    letter: isBlind ? '—' : letterOf(score),
    score,
    parts,
    expected,
    groups,
    background: background.sort(),
  };
}

function partsOf(expected: ExpectedAlertGrade[], groups: NotificationGroup[]): AlertsGrade['parts'] {
  const mean = (value: (one: ExpectedAlertGrade) => number, of = expected): number | undefined => {
    const total = of.reduce((sum, { weight }) => sum + weight, 0);
    return total === 0 ? undefined : of.reduce((sum, one) => sum + one.weight * value(one), 0) / total;
  };
  const fired = expected.filter((one) => one.fired);
  const observed = expected.filter((one) => one.verdict !== 'not_observed');
  const parts = {
    recall: mean((one) => (one.fired ? 1 : 0), observed),
    detection: mean(detectionScore, observed),
    precision:
      groups.length === 0 ? undefined : groups.filter(({ relevant }) => relevant).length / groups.length,
    routing: mean((one) => (one.notifiedAt !== undefined && one.verdict !== 'fired_unrouted' ? 1 : 0), fired),
    handleability: mean(({ handling }) => handling.filter(({ holds }) => holds).length / handling.length),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

/** 1 within the limit, 0 at `limitFactor` times the limit or never. */
function detectionScore({ detectionMs, withinMs }: ExpectedAlertGrade): number {
  if (detectionMs === undefined) return 0;
  const limit = withinMs * weights.alerts.limitFactor;
  return Math.min(1, Math.max(0, 1 - (detectionMs - withinMs) / (limit - withinMs)));
}

/** The best of a set of alternatives: one that was in time, else one that fired, else the first. */
function gradeExpected(expected: ExpectedAlert, input: GradeInput, moments: Moments): ExpectedAlertGrade {
  const all = [expected.name, ...expected.or].map((name) => gradeName(name, expected, input, moments));
  return all.find(({ verdict }) => verdict === 'ok') ?? all.find(({ fired }) => fired) ?? all[0]!;
}

function gradeName(
  name: string,
  expected: ExpectedAlert,
  input: GradeInput,
  moments: Moments,
): ExpectedAlertGrade {
  const withinMs = (expected.within ?? weights.alerts.within) / moments.speed;
  const one = alertCase(name, expected, withinMs, input, moments);
  const { rule, episodes } = one;
  const fired = episodes.filter(({ firingAt }) => firingAt !== undefined && firingAt <= moments.end);
  const first = fired[0];
  const detectionMs = first && Math.max(0, first.firingAt! - moments.symptom);
  const proposal = one.replay && proposalOf(one.replay, rule, detectionMs, withinMs, moments.speed);
  return {
    name,
    weight: expected.weight,
    ...alertVerdict(one, input, moments),
    fired: first !== undefined,
    withinMs,
    ...(detectionMs !== undefined && { detectionMs }),
    censoredMs: Math.max(0, moments.end - moments.symptom),
    plusMinusMs: (rule?.interval ?? 0) * 1000,
    ...timesOf(one, moments),
    receivers: [...new Set(fired.flatMap(({ receivers }) => receivers))].sort(),
    ...(expected.receiver !== undefined && { receiver: expected.receiver }),
    instances: new Set(fired.map(({ key }) => key)).size,
    flaps: fired.length - new Set(fired.map(({ key }) => key)).size,
    handling: handlingOf(rule, first ?? episodes[0], input),
    names: first ? namesIn(first, faultedNames(input)) : [],
    ...(rule && {
      rule: {
        query: rule.query,
        for: rule.for * 1000,
        file: rule.file.split(/[\\/]/).at(-1) ?? '',
        group: rule.group,
      },
    }),
    ...(proposal && { counterfactual: proposal }),
    ...(one.replay?.trueAfterMs !== undefined && { trueAfterMs: one.replay.trueAfterMs }),
  };
}

function timesOf(
  { episodes, rule }: AlertCase,
  { injected, faultEnd }: Moments,
): Partial<ExpectedAlertGrade> {
  const since = (at: number | undefined) => (at === undefined ? undefined : at - injected);
  const first = episodes.find(({ firingAt }) => firingAt !== undefined);
  const last = episodes.findLast(({ firingAt }) => firingAt !== undefined);
  const reset = last?.inactiveAt;
  const kept = (rule?.keepFiringFor ?? 0) * 1000;
  const times = {
    pendingAt: since((first ?? episodes[0])?.pendingAt),
    firingAt: since(first?.firingAt),
    notifiedAt: since(episodes.find(({ notifiedAt }) => notifiedAt !== undefined)?.notifiedAt),
    resetAt: since(reset),
    // One that was over before the fault has no time of reset.
    resetMs: reset === undefined || reset < faultEnd ? undefined : Math.max(0, reset - faultEnd - kept),
  };
  return Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined));
}

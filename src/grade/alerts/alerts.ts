import type { AlertEpisode } from '../../log/alert-episodes.ts';
import type { ExpectedAlert } from '../../scenario/schema.ts';
import type { AlertRule } from '../../signal/series.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { type Letter, letterOf, weights } from '../weights.ts';
import { type AlertEnd, changeBefore, endOf } from './alert-end.ts';
import { type HandlingCheck, handlingOf, namesIn } from './alert-handling.ts';
import {
  faultedNames,
  isNew,
  type NotificationGroup,
  notificationGroups,
  relevance,
} from './alert-precision.ts';
import { isToldUnknown, ownerHeard, type Told, toldOf } from './alert-told.ts';
import { type AlertCase, alertCase, alertVerdict, type WhyNot } from './alert-verdict.ts';
import { type Counterfactual, proposalOf } from './counterfactual.ts';
import { type RenamedRule, renamedRule } from './renamed-rule.ts';
import { type ThresholdProposal, thresholdProposal } from './threshold.ts';

/** What the alerts were worth in this game. */
export interface AlertsGrade {
  /** —: nothing was expected, or none of what was expected could be observed; `because` says so. */
  letter: Letter | '—';
  /** Why there is no letter, or why it is no better. */
  because?: string;
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
  /** What it did: the end of a sentence that begins with its name. */
  text: string;
  /** The rule that was graded in its place: it has no rule of its own. */
  renamed?: { rule: string; same: string };
  /** What mends it. */
  fix?: Fix;
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
  /** Its owner, or whoever is told where the scenario names nobody. */
  notifiedAt?: number;
  /** The moments at which it fired and was over again. */
  rounds: { firingAt: number; endedAt?: number }[];
  endedAt?: number;
  /** Why it ended; only after a reset something had recovered. */
  ended?: AlertEnd;
  /** The last change before it ended otherwise than by a reset. */
  endedAfter?: string;
  /** From the end of the fault to its reset without keep_firing_for, ms. */
  resetMs?: number;
  /** Who heard of it during the game. */
  receivers: string[];
  receiver?: string;
  /** Undefined: nobody could see what Alertmanager did. */
  ownerHeard?: boolean;
  /** Label sets that fired. */
  instances: number;
  /** How often it went off and came back. */
  flaps: number;
  handling: HandlingCheck[];
  /** Objects of the failure that the alert names. */
  names: string[];
  rule?: { query: string; for: number; file: string; group: string };
  counterfactual?: Counterfactual;
  /** Of a rule that was never true. */
  threshold?: ThresholdProposal;
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
  const began = input.state.alerts.filter((one) => one.background).map(({ name }) => name);
  const background = [...new Set([...began, ...(input.state.baseline?.alertsFiring ?? [])])];
  const { letter, because } = letterFor(score, expected, parts, input, moments);
  return {
    letter,
    ...(because !== undefined && { because }),
    score,
    parts,
    expected,
    groups,
    background: background.sort(),
  };
}

/** What nobody could see, or nobody asked for, gets no letter for the rest; an alert that no owner heard of no good one. */
function letterFor(
  score: number,
  expected: readonly ExpectedAlertGrade[],
  parts: AlertsGrade['parts'],
  input: GradeInput,
  moments: Moments,
): Pick<AlertsGrade, 'letter' | 'because'> {
  if (expected.length === 0) return { letter: '—', because: 'the scenario names no alerts: not graded' };
  if (parts.recall === undefined) {
    return { letter: '—', because: 'no expected alert could be observed: not graded' };
  }
  const letter = letterOf(score);
  const most = weights.alerts.nobodyTold;
  if (letter >= most || anyToldUnknown(expected, input) || anyOwnerHeard(expected, input, moments))
    return { letter };
  return { letter: most, because: `no owner was notified: at most ${most}` };
}

function anyToldUnknown(expected: readonly ExpectedAlertGrade[], input: GradeInput): boolean {
  return (
    isToldUnknown(input) || expected.some(({ fired, ownerHeard: heard }) => fired && heard === undefined)
  );
}

/** By an expected alert, or by any other that is about this failure. */
function anyOwnerHeard(
  expected: readonly ExpectedAlertGrade[],
  input: GradeInput,
  moments: Moments,
): boolean {
  if (expected.some(({ ownerHeard: heard }) => heard === true)) return true;
  const owners = new Set(expected.map(({ receiver }) => receiver));
  const relevant = input.state.alerts.filter((one) => isNew(one, moments) && relevance(one, input).relevant);
  return relevant.some((one) => {
    const told = toldOf([one], input, moments);
    return [...owners].some((owner) => owner !== undefined && ownerHeard(told, owner));
  });
}

function partsOf(expected: ExpectedAlertGrade[], groups: NotificationGroup[]): AlertsGrade['parts'] {
  const mean = (value: (one: ExpectedAlertGrade) => number, of = expected): number | undefined => {
    const total = of.reduce((sum, { weight }) => sum + weight, 0);
    return total === 0 ? undefined : of.reduce((sum, one) => sum + one.weight * value(one), 0) / total;
  };
  const fired = expected.filter((one) => one.fired);
  const observed = expected.filter(({ verdict }) => verdict !== 'not_observed' && verdict !== 'on_before');
  const parts = {
    recall: mean((one) => (one.fired ? 1 : 0), observed),
    detection: mean(detectionScore, observed),
    precision:
      groups.length === 0 ? undefined : groups.filter(({ relevant }) => relevant).length / groups.length,
    routing: mean(
      (one) => (one.ownerHeard ? 1 : 0),
      fired.filter((one) => one.ownerHeard !== undefined),
    ),
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
  const knowsAll = input.rules && (input.rules.silent ?? []).length === 0;
  const renamed = knowsAll && !rule && episodes.length === 0 ? renamedRule(name, input) : undefined;
  if (renamed) return gradeRenamed(name, renamed, expected, input, moments);
  const fired = episodes.filter(({ firingAt }) => firingAt !== undefined && firingAt <= moments.end);
  const first = fired[0];
  const detectionMs = first && Math.max(0, first.firingAt! - moments.symptom);
  const verdict = alertVerdict(one, input, moments);
  const isInTime = detectionMs !== undefined && detectionMs <= withinMs;
  const proposal = one.replay && rule && proposalOf(one.replay, rule, isInTime, withinMs, moments.speed);
  const told = toldOf(fired, input, moments);
  const proposed =
    rule && verdict.verdict === 'expr_never_true'
      ? thresholdProposal(rule, withinMs, input, moments)
      : undefined;
  return {
    name,
    weight: expected.weight,
    ...verdict,
    fired: first !== undefined,
    withinMs,
    ...(detectionMs !== undefined && { detectionMs }),
    censoredMs: Math.max(0, moments.end - moments.symptom),
    plusMinusMs: (rule?.interval ?? 0) * 1000,
    ...timesOf(one, fired, told, input, moments),
    rounds: fired.map(({ firingAt = 0, inactiveAt }) => ({
      firingAt: firingAt - moments.injected,
      ...(inactiveAt !== undefined && { endedAt: inactiveAt - moments.injected }),
    })),
    receivers: told.heard.map((each) => each.name).sort(),
    ...(expected.receiver !== undefined && { receiver: expected.receiver }),
    ...(!(told.heard.length === 0 && isToldUnknown(input, { ruler: rule?.ruler, fired })) && {
      ownerHeard: ownerHeard(told, expected.receiver),
    }),
    instances: new Set(fired.map(({ key }) => key)).size,
    flaps: fired.length - new Set(fired.map(({ key }) => key)).size,
    // Of what is kept from its owner the playbook of the game is not the runbook: that is about its way.
    handling: handlingOf(rule, first ?? episodes[0], input).filter(
      (check) => !expected.undelivered || check.name !== 'runbook',
    ),
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
    ...(proposed && { threshold: proposed }),
    ...(one.replay?.trueAfterMs !== undefined && { trueAfterMs: one.replay.trueAfterMs }),
  };
}

/** As if the scenario named the rule as it is called now: what is wrong is the name. */
function gradeRenamed(
  name: string,
  { rule, same }: RenamedRule,
  expected: ExpectedAlert,
  input: GradeInput,
  moments: Moments,
): ExpectedAlertGrade {
  const graded = gradeName(rule.name, expected, input, moments);
  const { handling, ...rest } = graded;
  const lines = [' alerts:', '   expected:', `-    - name: ${name}`, `+    - name: ${rule.name}`];
  return {
    ...rest,
    name,
    // A playbook that answers the name of before leads on as well.
    handling: handling.map((check) =>
      check.name === 'runbook' ? runbookAs(name, rule, check, input) : check,
    ),
    renamed: { rule: rule.name, same },
    text: `has no rule; ${rule.name} has ${same}, ${renamedText(graded)}`,
    fix: graded.fix ?? {
      kind: 'rename',
      of: input.scenario.name,
      from: name,
      to: rule.name,
      language: 'diff',
      text: lines.join('\n'),
    },
  };
}

function runbookAs(name: string, rule: AlertRule, check: HandlingCheck, input: GradeInput): HandlingCheck {
  const [as = check] = handlingOf({ ...rule, name }, undefined, input);
  return check.holds ? check : as;
}

function renamedText({ verdict, text, receivers }: ExpectedAlertGrade): string {
  return verdict === 'ok' && receivers.length > 0 ? `${text} and notified ${receivers.join(', ')}` : text;
}

function timesOf(
  { episodes, rule }: AlertCase,
  fired: readonly AlertEpisode[],
  { heard }: Told,
  input: GradeInput,
  moments: Moments,
): Partial<ExpectedAlertGrade> {
  const { injected, faultEnd } = moments;
  // Clocks that differ by less than the sampling: nothing of a game's alerts came before it.
  const since = (at: number | undefined) => (at === undefined ? undefined : Math.max(0, at - injected));
  const last = fired.at(-1);
  const over = last?.inactiveAt;
  const kept = (rule?.keepFiringFor ?? 0) * 1000;
  const ended = last && over !== undefined ? endOf(last, rule, input, moments) : undefined;
  const times = {
    pendingAt: since((fired[0] ?? episodes[0])?.pendingAt),
    firingAt: since(fired[0]?.firingAt),
    notifiedAt: since(heard[0]?.at),
    endedAt: since(over),
    ended,
    endedAfter: over !== undefined && ended !== 'reset' ? changeBefore(input, over) : undefined,
    // One that was over before the fault has no time of reset, nor has one that had nothing left to look at.
    resetMs:
      over === undefined || over < faultEnd || ended !== 'reset'
        ? undefined
        : Math.max(0, over - faultEnd - kept),
  };
  return Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined));
}

import { isOnDecoys } from '../log/decoys.ts';
import type { AlertsGrade } from './alerts.ts';
import type { GradeInput } from './grade.ts';
import type { Moments } from './moments.ts';
import type { Evidence } from './scorecard.ts';

/** What happened when; times and notes, never a rank. Moments are ms from the injection. */
export interface ResponseGrade {
  times: ResponseTime[];
  /** Which alerts fired first because of this game; moments in ms from the injection. */
  firstAlerts: { expected?: { name: string; at: number }; other?: { name: string; at: number } };
  diagnosis: {
    /** The right answers, for the debrief. */
    origin: string;
    mechanism: string;
    tries: (Evidence & { originRight?: boolean; mechanismRight?: boolean })[];
    originRightAt?: number;
    mechanismRightAt?: number;
  };
  hints: Evidence[];
  /** Claims that the oracle refuted, with what failed. */
  wrongClaims: Evidence[];
  notes: Evidence[];
  /** What was put near it and had nothing to do with it, and what was done to that. */
  decoys: { id: string; about: string; why: string; noise: boolean; touched: Evidence[] }[];
  /** Actions by effect. */
  actions: { read: number; mutate: number; attempted: number };
}

export interface ResponseTime {
  name: TimeName;
  title: string;
  /** Undefined: it did not happen, or nobody could see it. */
  at?: number;
}

export type TimeName = keyof Moments['times'];

const titles: [TimeName, string][] = [
  ['injected', 'injected'],
  ['symptom', 'first symptom'],
  ['pending', 'first alert pending'],
  ['firing', 'first alert firing'],
  ['notified', 'somebody notified'],
  ['acknowledged', 'acknowledged'],
  ['diagnosed', 'right diagnosis'],
  ['changed', 'first change'],
  ['mitigated', 'metrics recovered'],
  ['verified', 'verified'],
  ['alertsReset', 'alerts reset'],
];

export function gradeResponse(
  { state, scenario }: GradeInput,
  moments: Moments,
  alerts: AlertsGrade,
): ResponseGrade {
  // Clocks that differ by less than the sampling: nothing of a game came before it.
  const since = (at: number) => Math.max(0, at - moments.injected);
  const firstAlerts = firstFired(alerts);
  const { diagnoses, hints, claims, notes, actions } = state;
  const originRight = diagnoses.find((one) => one.originRight);
  const mechanismRight = diagnoses.find((one) => one.mechanismRight);
  const count = (effect: string) => actions.filter((one) => one.effect === effect).length;
  return {
    times: titles.map(([name, title]) => {
      const at = moments.times[name];
      if (name === 'firing') return firingTime(firstAlerts);
      if (name === 'alertsReset' && alerts.expected.some(({ ended }) => ended && ended !== 'reset')) {
        return { name, title };
      }
      return { name, title, ...(at !== undefined && { at: since(at) }) };
    }),
    firstAlerts,
    diagnosis: {
      origin: scenario.diagnosis.origin,
      mechanism: scenario.diagnosis.mechanism,
      tries: diagnoses.map(({ at, origin, mechanism, originRight: o, mechanismRight: m }) => ({
        at: since(at),
        text: [origin, mechanism].filter(Boolean).join(', '),
        originRight: o,
        mechanismRight: m,
      })),
      ...(originRight && { originRightAt: since(originRight.at) }),
      ...(mechanismRight && { mechanismRightAt: since(mechanismRight.at) }),
    },
    hints: hints.map(({ at, text }) => ({ at: since(at), text })),
    wrongClaims: claims
      .filter(({ accepted }) => !accepted)
      .map(({ at, failing }) => ({
        at: since(at),
        text: failing.map(({ id, seen }) => `${id}: ${seen}`).join('; '),
      })),
    decoys: scenario.decoys.map(({ id, why, role }) => {
      const own = (state.plan?.operations ?? []).filter((operation) => operation.fault === id);
      return {
        id,
        why,
        noise: role === 'noise',
        about: own.map(({ describe }) => describe).join('; '),
        touched: actions
          .filter((action) => action.effect === 'mutate' && isOnDecoys(action, own))
          .map(({ at, title }) => ({ at: since(at), text: title })),
      };
    }),
    notes: notes.map(({ at, text }) => ({ at: since(at), text })),
    actions: { read: count('read'), mutate: count('mutate'), attempted: count('attempted') },
  };
}

function firstFired({ expected, groups }: AlertsGrade): ResponseGrade['firstAlerts'] {
  const fired = expected
    .flatMap(({ name, renamed, firingAt }) =>
      firingAt === undefined ? [] : [{ name: renamed?.rule ?? name, at: firingAt }],
    )
    .sort((a, b) => a.at - b.at);
  const other = groups.find(({ name }) => !fired.some((one) => one.name === name));
  return {
    ...(fired[0] && { expected: fired[0] }),
    ...(other && { other: { name: other.name, at: other.at } }),
  };
}

/** Which alert it was is said: one that has nothing to do with the failure tells nothing about it. */
function firingTime({ expected, other }: ResponseGrade['firstAlerts']): ResponseTime {
  const name = 'firing' as const;
  if (expected) return { name, title: `first expected alert firing (${expected.name})`, at: expected.at };
  if (other) return { name, title: `first alert firing (${other.name}, not an expected one)`, at: other.at };
  return { name, title: 'first alert firing' };
}

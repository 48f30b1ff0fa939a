import { isOnDecoys } from '../../log/decoys.ts';
import type { Playbook } from '../../playbook/schema.ts';
import type { AlertsGrade } from '../alerts/alerts.ts';
import type { Evidence } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { byWhom, deedsOf, hitOf, isWriteDeed, peopleOf } from '../playbook/deeds.ts';
import { type DiagnosisGrade, gradeDiagnoses } from './diagnosis.ts';

/** What happened when; times and notes, never a rank. Moments are ms from the injection. */
export interface ResponseGrade {
  times: ResponseTime[];
  /** Which alerts fired first because of this game; moments in ms from the injection. */
  firstAlerts: { expected?: { name: string; at: number }; other?: { name: string; at: number } };
  diagnosis: DiagnosisGrade;
  hints: Evidence[];
  /** Claims that the oracle refuted, with what failed. */
  wrongClaims: WrongClaim[];
  /** Claims that were not decided before the game ended. */
  undecidedClaims: Evidence[];
  /** Who made the claim that was accepted. */
  verifiedBy?: string;
  /** Mitigated without an accepted claim: it ended by itself. */
  endedUnclaimed: boolean;
  notes: Evidence[];
  /** Everybody who took part, in order of appearance. */
  people: string[];
  /** What was put near it and had nothing to do with it, and what was done to that. */
  decoys: { id: string; about: string; why: string; noise: boolean; touched: Evidence[] }[];
  /** Actions by effect. */
  actions: { read: number; mutate: number; attempted: number };
}

export interface WrongClaim extends Evidence {
  /** Nothing had been changed before it. */
  beforeAnyChange: boolean;
  /** The step of the phase verify that was done between the last change and the claim. */
  verifiedBy?: string;
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
  { state, scenario, playbook }: GradeInput,
  moments: Moments,
  alerts: AlertsGrade,
): ResponseGrade {
  // Clocks that differ by less than the sampling: nothing of a game came before it.
  const since = (at: number) => Math.max(0, at - moments.injected);
  const firstAlerts = firstFired(alerts);
  const { hints, claims, notes, actions } = state;
  const named = byWhom(state);
  const made = (state.plan?.operations ?? []).filter(({ status }) => status !== 'planned');
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
    diagnosis: gradeDiagnoses(state, scenario),
    hints: hints.map(({ at, text, who }) => ({ at: since(at), text, ...named(who) })),
    wrongClaims: claims
      .filter(({ accepted, failing }) => !accepted && failing.length > 0)
      .map((claim) => ({
        at: since(claim.at),
        text: claim.failing.map(({ id, seen }) => `${id}: ${seen}`).join('; '),
        ...beforeClaim(playbook, state, claim.at),
        ...named(claim.who),
      })),
    undecidedClaims: claims
      .filter(({ accepted, failing }) => !accepted && failing.length === 0)
      .map(({ at, who }) => ({ at: since(at), text: 'the game ended before it was decided', ...named(who) })),
    ...(moments.times.verified !== undefined && {
      verifiedBy: claims.findLast(({ accepted }) => accepted)?.who,
    }),
    endedUnclaimed: state.ended?.ending === 'mitigated' && !claims.some(({ accepted }) => accepted),
    // One whose time or condition did not come misled nobody.
    decoys: scenario.decoys.flatMap(({ id, why, role }) => {
      const own = made.filter((operation) => operation.fault === id);
      if (own.length === 0) return [];
      const decoy = {
        id,
        why,
        noise: role === 'noise',
        about: own.map(({ describe }) => describe).join('; '),
        touched: actions
          .filter((action) => action.effect === 'mutate' && isOnDecoys(action, own))
          .map(({ at, title, who }) => ({ at: since(at), text: title, ...named(who) })),
      };
      return [decoy];
    }),
    notes: notes.map(({ at, text, who }) => ({ at: since(at), text, ...named(who) })),
    people: peopleOf(state),
    actions: { read: count('read'), mutate: count('mutate'), attempted: count('attempted') },
  };
}

/** What had been done before a claim: any change, and a step that verifies after the last one. */
function beforeClaim(
  playbook: Playbook,
  state: GradeInput['state'],
  at: number,
): Pick<WrongClaim, 'beforeAnyChange' | 'verifiedBy'> {
  const before = deedsOf(state).filter((deed) => deed.at < at);
  const change = before.findLast(isWriteDeed);
  const verifying = playbook.steps.filter(({ phase }) => phase === 'verify');
  const verified = verifying.find((step) =>
    before.some((deed) => change && deed.at > change.at && hitOf(step, deed) !== undefined),
  );
  return { beforeAnyChange: change === undefined, ...(verified && { verifiedBy: verified.id }) };
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

import type { GameState } from '../../log/state.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { Evidence } from '../finding.ts';
import { byWhom } from '../playbook/deeds.ts';
import { bypassesOf } from '../playbook/steps.ts';

/** What was diagnosed, moments in ms from the injection. */
export interface DiagnosisGrade {
  /** The right answers, for the debrief. */
  origin: string;
  mechanism: string;
  tries: DiagnosisTry[];
  originRightAt?: number;
  mechanismRightAt?: number;
}

/** Origin and mechanism are judged apart; a part that was not named is neither right nor wrong. */
export interface DiagnosisTry extends Evidence {
  originRight?: boolean;
  mechanismRight?: boolean;
  /** "origin right, mechanism wrong (config; it was load)" */
  verdict: string;
  /** What was opened before it, the last ones; titles. */
  opened: string[];
  /** Somebody had worked past the recorder by then: more may have been opened. */
  isBypassed: boolean;
}

export function gradeDiagnoses(state: GameState, { diagnosis }: Pick<Scenario, 'diagnosis'>): DiagnosisGrade {
  const { diagnoses, injectedAt = 0 } = state;
  const named = byWhom(state);
  const since = (at: number) => Math.max(0, at - injectedAt);
  const originRight = diagnoses.find((one) => one.originRight);
  const mechanismRight = diagnoses.find((one) => one.mechanismRight);
  return {
    origin: diagnosis.origin,
    mechanism: diagnosis.mechanism,
    tries: diagnoses.map((one) => ({
      at: since(one.at),
      text: [one.origin, one.mechanism].filter(Boolean).join(', '),
      ...(one.origin !== undefined && { originRight: one.originRight === true }),
      ...(one.mechanism !== undefined && { mechanismRight: one.mechanismRight === true }),
      verdict: verdictOf(one, diagnosis),
      opened: openedBefore(state, one.at),
      isBypassed: bypassesOf(state).some(({ at }) => at < one.at),
      ...named(one.who),
    })),
    ...(originRight && { originRightAt: since(originRight.at) }),
    ...(mechanismRight && { mechanismRightAt: since(mechanismRight.at) }),
  };
}

function verdictOf(
  { origin, mechanism, originRight, mechanismRight }: GameState['diagnoses'][number],
  answer: { origin: string; mechanism: string },
): string {
  const part = (name: string, said: string | undefined, right: boolean | undefined, was: string) => {
    if (said === undefined) return `no ${name} named`;
    return right ? `${name} right` : `${name} wrong (${said}; it was ${was})`;
  };
  return [
    part('origin', origin, originRight, answer.origin),
    part('mechanism', mechanism, mechanismRight, answer.mechanism),
  ].join(', ');
}

/** Titles of the looks between the injection and a moment, the last few. */
function openedBefore({ actions, injectedAt = 0 }: GameState, at: number): string[] {
  const looks = actions.filter(
    (one) =>
      one.effect === 'read' &&
      one.at >= injectedAt &&
      one.at < at &&
      (one.requests.length === 0 || one.requests.some(({ aside }) => !aside)),
  );
  return looks.slice(-3).map(({ title }) => title);
}

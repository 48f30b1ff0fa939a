import { isOnDecoys } from '../../log/decoys.ts';
import type { GameState } from '../../log/state.ts';
import { matchesStep } from '../../playbook/match.ts';
import type { Match, Playbook, Step } from '../../playbook/schema.ts';
import type { Action } from '../../recorder/action.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { Evidence } from '../finding.ts';
import { outagesOf } from '../response/outages.ts';
import { type Conformance, conformance, costOf, type JudgedDeeds } from './conformance.ts';
import { byWhom, type Deed, deedsOf, isHarmful, isWriteDeed, matchesAnyStep } from './deeds.ts';
import { type KnownFix, knownFix } from './known-fixes.ts';
import { type Rating, rateSteps, type StepRating } from './step-rating.ts';
import { checklist, type StepState, stepsAndUndoings } from './steps.ts';
import { heldAt, oracleHistory, takesBack } from './undoing.ts';

export interface PlaybookGrade extends Conformance {
  name: string;
  title: string;
  steps: GradedStep[];
  /** What made it worse, by the playbook. */
  harmful: (Evidence & { why: string })[];
  /** Writes that no step asks for. */
  unplanned: UnplannedChange[];
  /** Writes that took back what had done these steps. */
  undone: (Evidence & { steps: string[] })[];
  /** From when until when the service failed, ms from the injection; more than one only where somebody broke it again. */
  outages: { from: number; until?: number; cause?: Evidence; end?: Evidence }[];
  /** Deeds outside the playbook that led somewhere: candidates for a step. */
  helpful: (Evidence & { kind: 'look' | 'write' })[];
  /** `unprepared`: nothing had been opened before it was asked for. */
  hints: (Evidence & { unprepared: boolean })[];
}

/** A write that no step asks for, and what may be said of it. */
export interface UnplannedChange extends Evidence {
  known?: KnownFix;
  /** It puts back what this had changed. */
  putsBack?: string;
  /** It came so long after what restored the service: of its own effect nothing is known. */
  afterFixMs?: number;
  /** The service failed from then on until something else restored it, or the game ended. */
  stillFailing: boolean;
}

export interface GradedStep extends Omit<StepState, 'at' | 'due' | 'undone'> {
  phase: Step['phase'];
  say: string;
  optional: boolean;
  /** ms from the injection. */
  at?: number;
  /** How well it could be performed; undefined where nobody had to, or nobody could see it. */
  rating?: Rating;
  /** What stood in the way. */
  because?: string[];
  /** Done before, and taken back by these; ms from the injection. */
  undone?: Evidence[];
}

/** How well the playbook and what was done fit together: a statement about the playbook first. */
export function gradePlaybook(
  playbook: Playbook,
  state: GameState,
  scenario: Pick<Scenario, 'fixes' | 'wrongFixes'>,
): PlaybookGrade {
  const deeds = deedsOf(state);
  const { states, undoings } = stepsAndUndoings(playbook, state, deeds);
  const backs = new Map(
    deeds.flatMap((deed, index) => backOf(playbook, deeds, index).map((of) => [deed, of])),
  );
  const fixes = new Map(deeds.map((deed) => [deed, backs.has(deed) ? undefined : knownFix(scenario, deed)]));
  const listed = deeds.filter((deed) => fixes.get(deed) && fixes.get(deed)?.fails === undefined);
  const judged: JudgedDeeds = {
    undoing: new Set(undoings.map(({ deed }) => deed)),
    free: new Set([...listed, ...backs.keys()]),
  };
  const ratings = rateSteps(playbook, states, deeds, state, judged);
  const injected = state.injectedAt ?? 0;
  const told = ({ at, title, who }: Deed): Evidence => ({
    at: at - injected,
    text: title,
    ...(who !== undefined && { who }),
  });
  const costly = deeds.filter((deed) => {
    return costOf(playbook, deed, judged) > 0 && (isHarmful(playbook, deed) || !judged.undoing.has(deed));
  });
  const besides = [...judged.free].filter(
    (deed) => !matchesAnyStep(playbook, deed) && !isHarmful(playbook, deed),
  );
  const helpful = helpfulDeeds(playbook, state, deeds);
  const fixedAt = state.ended?.ending === 'mitigated' ? fixOf(playbook, states, helpful) : undefined;
  const unplanned = [...costly.filter((deed) => whyHarmful(playbook, deed) === undefined), ...besides]
    .filter((deed) => !helpful.some((one) => one.deed === deed))
    .sort((a, b) => a.at - b.at)
    .map((deed): UnplannedChange => {
      const known = fixes.get(deed);
      const afterMs = fixedAt !== undefined && deed.at > fixedAt ? deed.at - fixedAt : undefined;
      return {
        ...told(deed),
        ...(known && { known }),
        ...(backs.has(deed) && { putsBack: backs.get(deed)!.title }),
        ...(afterMs !== undefined && { afterFixMs: afterMs }),
        stillFailing:
          afterMs === undefined &&
          !backs.has(deed) &&
          staysRed(state, deed.at, fixedAt ?? state.ended?.at ?? state.at),
      };
    });
  return {
    name: playbook.name,
    title: playbook.title,
    ...conformance(playbook, states, deeds, judged),
    steps: playbook.steps.map((step, index) => graded(step, states[index]!, ratings[index], injected)),
    harmful: costly.flatMap((deed) => {
      const why = whyHarmful(playbook, deed);
      return why === undefined ? [] : [{ ...told(deed), why }];
    }),
    unplanned,
    undone: undoings.map(({ deed, steps }) => ({ ...told(deed), steps })),
    outages: outagesOf(playbook, state, states, undoings).map(({ from, until, cause, end }) => ({
      from: from - injected,
      ...(until !== undefined && { until: until - injected }),
      ...(cause && { cause: told(cause) }),
      ...(end && { end: told(end) }),
    })),
    helpful: helpful.map(({ deed, kind }) => ({ ...told(deed), kind })),
    hints: state.hints.map(({ at, text, who }) => ({
      ...{ at: at - injected, text, ...byWhom(state)(who) },
      unprepared: !deeds.some((deed) => deed.at < at && 'action' in deed),
    })),
  };
}

/** The earlier change besides the playbook that a deed puts back, if it does. */
function backOf(playbook: Playbook, deeds: readonly Deed[], index: number): (Deed & { action: Action })[] {
  const deed = deeds[index];
  if (!deed || !isWriteDeed(deed)) return [];
  const before = deeds
    .slice(0, index)
    .filter(isWriteDeed)
    .findLast((one) => !matchesAnyStep(playbook, one) && takesBack(deed.action, one.action));
  return before ? [before] : [];
}

/** Whether the oracle failed at every look of a time. */
function staysRed(state: GameState, from: number, until: number): boolean {
  const history = oracleHistory(state);
  if (heldAt(history, until) !== false) return false;
  return !history.turns.some(({ at, holds }) => holds && at >= from && at <= until);
}

/** When what restored the service was done, wall ms: the last mitigating step, or the write that was none. */
function fixOf(
  playbook: Playbook,
  states: readonly StepState[],
  helpful: readonly Helpful[],
): number | undefined {
  const steps = playbook.steps.flatMap(({ phase }, index) =>
    phase === 'mitigate' ? (states[index]?.at ?? []) : [],
  );
  const writes = helpful.flatMap(({ deed, kind }) => (kind === 'write' ? [deed.at] : []));
  const all = [...steps, ...writes];
  return all.length > 0 ? Math.max(...all) : undefined;
}

/** Without dashboards nobody could open one: steps that ask for nothing else are not asked for, and nothing waits for them. */
export function withoutDashboards(playbook: Playbook): Playbook {
  const opens = ({ match, anyOf = [] }: Pick<Step, 'match' | 'anyOf'>): boolean =>
    anyOf.length > 0 ? anyOf.every((one) => onlyDashboard(one.match)) : onlyDashboard(match);
  return {
    ...playbook,
    steps: playbook.steps.map((step) => (opens(step) ? { ...step, optional: true } : step)),
  };
}

function onlyDashboard(match: Match | undefined): boolean {
  if (!match) return false;
  if (match.any) return match.any.every(onlyDashboard);
  return match.dashboard !== undefined || match.panel !== undefined;
}

/** The score of deeds that come from nowhere but a test or a script. */
export function scoreDeeds(playbook: Playbook, deeds: readonly Deed[]): Conformance {
  const states = checklist(playbook, deeds, {
    started: deeds[0]?.at ?? 0,
    speed: 1,
    now: deeds.at(-1)?.at ?? 0,
    over: true,
  });
  return conformance(playbook, states, deeds);
}

function graded(
  step: Step,
  { at, due: _due, undone, ...state }: StepState,
  rating: StepRating | undefined,
  injected: number,
): GradedStep {
  const words = step.say ?? step.run?.join(' && ') ?? step.anyOf?.map(({ id }) => id).join(' or ') ?? step.id;
  return {
    ...state,
    phase: step.phase,
    say: words.trim(),
    optional: step.optional,
    ...(at !== undefined && { at: at - injected }),
    ...(undone && {
      undone: undone.map(({ at: when, by, who }) => ({
        ...{ at: when - injected, text: by },
        ...(who !== undefined && { who }),
      })),
    }),
    ...rating,
  };
}

function whyHarmful({ harmful }: Playbook, deed: Deed): string | undefined {
  return 'action' in deed ? harmful.find(({ match }) => matchesStep(match, deed.action))?.why : undefined;
}

/**
 * Outside the playbook and still to the point: the first look at what was then diagnosed rightly, and, where it was
 * mitigated without any mitigating step, the last write before.
 */
function helpfulDeeds(playbook: Playbook, state: GameState, deeds: readonly Deed[]): Helpful[] {
  const unlisted = deeds.filter((deed) => 'action' in deed && !matchesAnyStep(playbook, deed));
  const right = state.diagnoses.find(({ originRight }) => originRight);
  const origin: Match = { kube: { verb: ['read'], ref: right?.origin === undefined ? [] : [right.origin] } };
  const look = unlisted.find(
    (deed) =>
      'action' in deed &&
      deed.action.effect === 'read' &&
      deed.at <= (right?.at ?? 0) &&
      matchesStep(origin, deed.action),
  );
  const write = mitigatingWrite(playbook, state, deeds, unlisted);
  return [
    ...(look ? [{ deed: look, kind: 'look' as const }] : []),
    ...(write ? [{ deed: write, kind: 'write' as const }] : []),
  ];
}

interface Helpful {
  deed: Deed;
  kind: 'look' | 'write';
}

function mitigatingWrite(
  playbook: Playbook,
  state: GameState,
  deeds: readonly Deed[],
  unlisted: readonly Deed[],
): Deed | undefined {
  if (state.ended?.ending !== 'mitigated') return undefined;
  const mitigating = playbook.steps.filter(({ phase }) => phase === 'mitigate');
  const listed = deeds.some((deed) => matchesAnyStep({ ...playbook, steps: mitigating }, deed));
  const held = state.oracle?.heldSince ?? Number.POSITIVE_INFINITY;
  if (listed) return undefined;
  return unlisted.findLast(
    (deed) =>
      'action' in deed &&
      deed.action.effect === 'mutate' &&
      deed.at <= held &&
      !isOnDecoys(deed.action, state.plan?.operations),
  );
}

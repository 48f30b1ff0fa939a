import type { Playbook } from '../../playbook/schema.ts';
import { weights } from '../weights.ts';
import { type Deed, isHarmful, matchesAnyStep } from './deeds.ts';
import type { StepState } from './steps.ts';

/** How close the deeds came to the partial order of a playbook; all in [0, 1] except `extra`, a cost. */
export interface Conformance {
  /** Share of the steps' weight that was done, in place or early. */
  coverage: number;
  /** Of what was done, the share that was in its place; 1 if nothing was done. */
  order: number;
  /** Cost of writes that no step asks for, and of harmful ones. */
  extra: number;
  /** 1 − cost ⁄ (steps' weight + extra). */
  score: number;
}

/**
 * A relaxed partial-order score, monotone: an extra right step never lowers it, a harmful deed never raises it.
 * Optional steps weigh nothing; what nobody can observe is no part of the sum.
 */
export function conformance(
  playbook: Playbook,
  states: readonly StepState[],
  deeds: readonly Deed[],
  judged: JudgedDeeds = unjudged,
): Conformance {
  let total = 0;
  let covered = 0;
  let inPlace = 0;
  playbook.steps.forEach((step, index) => {
    const status = states[index]?.status;
    if (status === 'not observable' || step.optional) return;
    total += step.weight;
    if (status === 'done' || status === 'early') covered += step.weight;
    if (status === 'done') inPlace += step.weight;
  });
  const extra = deeds.reduce((sum, deed) => sum + costOf(playbook, deed, judged), 0);
  const cost = total - covered + weights.playbook.early * (covered - inPlace) + extra;
  return {
    coverage: total === 0 ? 1 : covered / total,
    order: covered === 0 ? 1 : inPlace / covered,
    extra,
    score: total + extra === 0 ? 1 : 1 - cost / (total + extra),
  };
}

/** What is known of deeds beside what the playbook says of them. */
export interface JudgedDeeds {
  /** They took back what had been done. */
  undoing: ReadonlySet<Deed>;
  /** The scenario lists them as a fix, or a part of one; or they put back what somebody had changed besides. */
  free: ReadonlySet<Deed>;
}

export const unjudged: JudgedDeeds = { undoing: new Set(), free: new Set() };

/** Reading is free, and so are repeating a step, what the scenario lists as a fix and putting a change back. */
export function costOf(playbook: Playbook, deed: Deed, { undoing, free }: JudgedDeeds): number {
  if (isHarmful(playbook, deed)) return weights.playbook.harmful;
  if (undoing.has(deed)) return weights.playbook.unplannedWrite;
  if (free.has(deed)) return 0;
  if (!('action' in deed) || deed.action.effect !== 'mutate') return 0;
  return matchesAnyStep(playbook, deed) ? 0 : weights.playbook.unplannedWrite;
}

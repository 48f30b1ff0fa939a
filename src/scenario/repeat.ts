import { z } from 'zod';
import { duration } from '../document/fields.ts';
import { formatDuration } from '../words/duration.ts';

/** Comes, is undone after its time, and comes again. Milliseconds. */
export interface Repeat {
  /** From the beginning of one turn to that of the next. */
  every: number;
  /** How long a turn lasts. */
  for: number;
  /** Undefined: until the game is over. */
  times?: number;
}

/** The ledger holds every change of each turn. */
const mostTurns = 100;

export const repeatSchema = z
  .strictObject({
    every: duration,
    for: duration,
    times: z.int().min(2).max(mostTurns).optional(),
  })
  .superRefine((repeat, context) => {
    if (repeat.for > 0 && repeat.for < repeat.every) return;
    const message = `Expected each turn to be over before the next begins: for more than 0s and less than ${formatDuration(repeat.every)}.`;
    context.addIssue({ code: 'custom', message, path: ['for'], params: { code: 'turns-overlap' } });
  });

interface Repeated {
  /** Milliseconds after the injection began. */
  after: number;
  when?: object;
  repeat?: Repeat;
}

interface Repeating {
  faults: (Repeated & { effect?: { within: number } })[];
  decoys: Repeated[];
  oracle: { sustained: number };
  timeout: number;
}

/**
 * What the turns of a scenario must be, so that its oracle can tell a mended fault from one that is only gone for the
 * moment: long enough to show and to prove a fix, and there to the end of the game.
 */
export function checkRepeats(
  { faults, decoys, oracle, timeout }: Repeating,
  context: z.core.$RefinementCtx,
): void {
  const problem = (code: string, path: (string | number)[], message: string, todo: string) =>
    context.addIssue({ code: 'custom', message, path, params: { code, todo } });
  faults.forEach(({ repeat, effect }, index) => {
    const needed = (effect?.within ?? 0) + oracle.sustained;
    if (!repeat || repeat.for >= needed) return;
    problem(
      'turn-too-short',
      ['faults', index, 'repeat', 'for'],
      `Expected turns of at least ${formatDuration(needed)}, to show the effect and then to prove a fix, got ${formatDuration(repeat.for)}.`,
      'Increase `for`, or shorten `within` of its effect or `sustained` of the oracle.',
    );
  });
  if (faults.length > 0 && faults.every(({ repeat }) => repeat?.times !== undefined))
    problem(
      'nothing-lasts',
      ['faults', 0, 'repeat', 'times'],
      'Every fault has `times`: after that the failure would be over without a fix.',
      'Remove `times` from one fault: it then repeats until the game is over.',
    );
  for (const [key, steps] of Object.entries({ faults, decoys }))
    steps.forEach(({ repeat, after, when }, index) => {
      if (repeat && when)
        problem(
          'repeat-and-when',
          [key, index, 'when'],
          'Expected either `when` or `repeat`: what comes again has its times, not a condition.',
          'Remove one of them.',
        );
      if (!repeat || repeat.times !== undefined) return;
      const turns = Math.ceil((timeout - after) / repeat.every);
      if (turns <= mostTurns) return;
      problem(
        'too-many-turns',
        [key, index, 'repeat', 'every'],
        `Expected at most ${mostTurns} turns in ${formatDuration(timeout)}, got ${turns}.`,
        'Increase `every`.',
      );
    });
}

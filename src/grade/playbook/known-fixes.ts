import { commandEffect, likeness } from '../../playbook/command-effect.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { type Deed, isWriteDeed } from './deeds.ts';

/** What the scenario says of a change: (part of) a fix that it lists, or a wrong one with the check that it fails. */
export interface KnownFix {
  name: string;
  /** Undefined: it is a right one. */
  fails?: string;
  /** It is one command of several. */
  isPart: boolean;
}

/**
 * Looks a change up among the scenario's fixes: one that writes the same. A wrong one is also known by the direction of a
 * number (another number of replicas), but only where no right fix moves it the same way: then nothing can be said.
 */
export function knownFix(
  { fixes, wrongFixes }: Pick<Scenario, 'fixes' | 'wrongFixes'>,
  deed: Deed,
): KnownFix | undefined {
  if (!isWriteDeed(deed)) return undefined;
  const listed: { name: string; run: readonly string[]; fails?: string }[] = [...fixes, ...wrongFixes];
  const { requests } = deed.action;
  const like = (degree: 'same' | 'direction') =>
    listed.filter(({ run }) =>
      run.some((line) => {
        const effect = commandEffect(line);
        return effect && requests.some((request) => likeness(effect, request) === degree);
      }),
    );
  const alike = like('direction');
  const found = like('same')[0] ?? (alike.every(({ fails }) => fails !== undefined) ? alike[0] : undefined);
  if (!found) return undefined;
  const { name, run, fails } = found;
  return { name, isPart: run.length > 1, ...(fails !== undefined && { fails }) };
}

import { commandEffect, likeness } from '../playbook/command-effect.ts';
import type { Scenario } from '../scenario/schema.ts';
import { type Deed, isWriteDeed } from './deeds.ts';

/** What the scenario says of a change: (part of) a fix that it lists, or a wrong one with the check that it fails. */
export interface KnownFix {
  name: string;
  /** Undefined: it is a right one. */
  fails?: string;
  /** It is one command of several. */
  isPart: boolean;
}

/** Looks a change up among the scenario's fixes: first one that writes the same, then one of the same direction. */
export function knownFix(
  { fixes, wrongFixes }: Pick<Scenario, 'fixes' | 'wrongFixes'>,
  deed: Deed,
): KnownFix | undefined {
  if (!isWriteDeed(deed)) return undefined;
  const listed: { name: string; run: readonly string[]; fails?: string }[] = [...fixes, ...wrongFixes];
  const { requests } = deed.action;
  const find = (degree: 'same' | 'direction') =>
    listed.find(({ run }) =>
      run.some((line) => {
        const effect = commandEffect(line);
        return effect && requests.some((request) => likeness(effect, request) === degree);
      }),
    );
  const found = find('same') ?? find('direction');
  if (!found) return undefined;
  const { name, run, fails } = found;
  return { name, isPart: run.length > 1, ...(fails !== undefined && { fails }) };
}

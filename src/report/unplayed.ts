import type { Unplayed } from '../grade/scorecard.ts';
import { plural } from '../words/number.ts';

/** All there is to say of a game to which nobody came to respond, one sentence a line. What it was stays a secret. */
export function unplayedLines({ game, touched }: Unplayed): string[] {
  const { restored, why, ending } = game;
  const left = restored && restored.differences + restored.conflicts;
  const cluster =
    left !== undefined
      ? `Restored, verified: ${plural(left, 'difference')}.`
      : touched
        ? 'The restore was not verified.'
        : 'Nothing was changed.';
  return [
    'Not played: there is nothing to grade.',
    `${ending}: ${why.replace(/\.$/, '')}.`,
    cluster,
    // Which objects would tell what it was.
    ...(restored?.left
      ? [
          `${plural(restored.left.length, 'object')} left to others or not ready yet: the game's log.jsonl names them.`,
        ]
      : []),
  ];
}

import { formatDuration } from '../words/duration.ts';
import type { Finding } from './lint-finding.ts';
import type { Scenario } from './schema.ts';

/** What must happen within the game and cannot, as the game is shorter. Milliseconds in, words out. */
export function lintTimes({ alerts, faults, decoys, oracle, wrongFixes, timeout }: Scenario): Finding[] {
  if (timeout === 0)
    return [
      {
        path: ['timeout'],
        code: 'longer-than-the-game',
        message: 'A game of 0s is over before anybody can play it.',
        todo: 'Give it some minutes: 20m.',
      },
    ];
  const tooLong = (ms: number | undefined, path: Finding['path'], and = ''): Finding[] =>
    ms === undefined || ms < timeout
      ? []
      : [
          {
            path,
            code: 'longer-than-the-game',
            message: `${formatDuration(ms)}${and} is ${ms === timeout ? 'as long as' : 'longer than'} the game (${formatDuration(timeout)}).`,
            todo: 'Shorten it, or give the game a longer timeout.',
          },
        ];
  const begins = Math.min(...faults.map(({ after }) => after));
  const conditions = (key: string, steps: Scenario['faults'] | Scenario['decoys']) =>
    steps.flatMap(({ after, when }, index) => {
      if (!when) return [];
      const and = after > 0 ? ` with after: ${formatDuration(after)}` : '';
      return tooLong(after + when.within, [key, index, 'when', 'within'], and);
    });
  return [
    ...alerts.expected.flatMap(({ within }, index) =>
      tooLong(within, ['alerts', 'expected', index, 'within']),
    ),
    ...faults.flatMap(({ after, effect }, index) => {
      const late = tooLong(after, ['faults', index, 'after']);
      if (late.length > 0 || !effect) return late;
      const alone = tooLong(effect.within, ['faults', index, 'effect', 'within']);
      if (alone.length > 0) return alone;
      const and = ` with after: ${formatDuration(after)}`;
      return after === 0 ? [] : tooLong(after + effect.within, ['faults', index, 'effect', 'within'], and);
    }),
    ...decoys.flatMap(({ after }, index) => tooLong(after, ['decoys', index, 'after'])),
    ...conditions('faults', faults),
    ...conditions('decoys', decoys),
    ...wrongFixes.flatMap(({ effect }, index) =>
      tooLong(effect?.within, ['wrongFixes', index, 'effect', 'within']),
    ),
    ...tooLong(oracle.sustained, ['oracle', 'sustained']),
    ...(oracle.sustained < timeout && Number.isFinite(begins)
      ? tooLong(begins + oracle.sustained, ['oracle', 'sustained'], ` after the first fault`)
      : []),
  ];
}

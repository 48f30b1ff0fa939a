import type { GradedStep } from '../grade/playbook/playbook.ts';
import type { Scorecard } from '../grade/scorecard.ts';
import { clock } from '../words/time.ts';
import { cut, pad, widthOf } from '../words/width.ts';
import { ratingTones } from './ratings.ts';
import type { DebriefLine } from './terminal-line.ts';
import { outageText } from './texts/deed-texts.ts';
import { withWho } from './texts/who.ts';

/** The playbook step by step for a terminal: rating, when, and what did it or what stood in the way. */
export function stepRows({ playbook }: Scorecard, width: number): DebriefLine[] {
  const { name, steps } = playbook;
  const longest = Math.max(0, ...steps.map(({ id }) => widthOf(id)));
  const rows = steps.map((step): DebriefLine => {
    const { id, at, rating } = step;
    const when = at === undefined ? '' : clock(at);
    const text = `  ${rating ?? '·'}  ${pad(id, longest)}  ${when.padEnd(6)} ${wordsOf(step)}`.trimEnd();
    const tone = rating === undefined ? 'quiet' : ratingTones[rating];
    return { text: cut(text, width), ...(tone && { tone }) };
  });
  return [
    // The clock of the game begins when its effect is seen, the times of the scorecard at the injection.
    { text: `Step by step: ${name} (times since the injection)`, tone: 'accent' },
    ...rows,
    { text: '  P without challenges, S with some, M with major ones, U not performed', tone: 'quiet' },
    ...(playbook.outages.length > 1
      ? playbook.outages.map((outage, index): DebriefLine => {
          return { text: cut(`  Outage ${index + 1}: ${outageText(outage)}`, width) };
        })
      : []),
  ];
}

function wordsOf({ status, by: command, who, because = [] }: GradedStep): string {
  const by = command === undefined ? undefined : withWho({ text: command, who });
  if (by === undefined) return because.length > 0 ? because.join('; ') : status;
  return because.length > 0 ? `${because.join('; ')} — ${by}` : by;
}

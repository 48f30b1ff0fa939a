import type { Scorecard } from '../grade/scorecard.ts';
import { clock } from '../words/time.ts';
import type { DebriefLine } from './terminal-line.ts';

/** The moments that people ask for, in the order in which they came. */
const shown: [string, string][] = [
  ['injected', 'injected'],
  ['symptom', 'symptom'],
  ['firing', 'firing'],
  ['acknowledged', 'ack'],
  ['diagnosed', 'diagnosis'],
  ['mitigated', 'recovered'],
  ['verified', 'verified'],
];

/** Names, a scale and times: three lines, a column for each moment, evenly spaced. */
export function timeBar({ response }: Scorecard, width: number): DebriefLine[] {
  const moments = shown
    .flatMap(([name, title]) => {
      const at = response.times.find((one) => one.name === name)?.at;
      return at === undefined ? [] : [{ title, at }];
    })
    .sort((a, b) => a.at - b.at);
  const columns = moments.slice(0, Math.max(1, Math.floor((width - 2) / 11)));
  const cell = (text: string) => text.padEnd(11);
  const scale = columns.map((_, index) => {
    const first = index === 0 ? '├' : '┼';
    return index === columns.length - 1 ? '┤' : first + '─'.repeat(10);
  });
  return [
    { text: ` ${columns.map(({ title }) => cell(title)).join('')}`.trimEnd(), tone: 'quiet' },
    { text: ` ${scale.join('')}`, tone: 'quiet' },
    { text: ` ${columns.map(({ at }) => cell(clock(at))).join('')}`.trimEnd() },
  ];
}

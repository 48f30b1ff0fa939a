import type { Finding } from '../grade/finding.ts';
import type { Scorecard, Unplayed } from '../grade/scorecard.ts';
import { visible } from '../words/clean.ts';
import { plural } from '../words/number.ts';
import { duration } from '../words/time.ts';
import { cut, indented } from '../words/width.ts';
import { stepRows } from './step-rows.ts';
import { costText, nameOf, storyOf } from './story.ts';
import { type SubjectLine, subjectLines } from './summary.ts';
import type { DebriefLine, DebriefTone } from './terminal-line.ts';
import { timeBar } from './time-bar.ts';
import { unplayedLines } from './unplayed.ts';

/** The debrief as a terminal shows it: what to change first, not a medal. `width` in columns. */
export function debriefLines(
  scorecard: Scorecard | Unplayed,
  width: number,
): { heading: string; lines: DebriefLine[] } {
  const rows = scorecard.played ? gradedRows(scorecard, width) : unplayedRows(scorecard, width);
  return { heading: headingOf(scorecard), lines: rows.map((row) => ({ ...row, text: visible(row.text) })) };
}

function unplayedRows(scorecard: Unplayed, width: number): DebriefLine[] {
  return unplayedLines(scorecard).flatMap((line) => indented(line, 0, 2, width).map((text) => ({ text })));
}

function gradedRows(scorecard: Scorecard, width: number): DebriefLine[] {
  const { game, findings, notObserved } = scorecard;
  const shown = findings.filter(({ kind }) => kind !== 'good');
  const good = findings.filter(({ kind }) => kind === 'good');
  return [
    ...storyOf(scorecard).flatMap(({ title, text }) => storyRows(title, text, width)),
    { text: '' },
    { text: 'What to change first', tone: 'accent' },
    ...(shown.length === 0
      ? [{ text: '  This game showed nothing to change.', tone: 'quiet' as const }]
      : []),
    ...shown.flatMap((finding, index) => findingRows(finding, index + 1, width)),
    ...(good.length === 0 ? [] : [{ text: '' }, { text: 'What to keep', tone: 'accent' as const }]),
    ...good.flatMap(({ text }) => indented(`· ${text}`, 2, 4, width).map((line) => ({ text: line }))),
    { text: '' },
    ...subjectLines(scorecard).flatMap((line) => subjectRows(line, width)),
    { text: '' },
    { text: 'What it was', tone: 'accent' },
    ...game.debrief
      .trim()
      .split('\n\n')
      .flatMap((paragraph) => [
        ...indented(paragraph.replace(/\s+/g, ' '), 2, 2, width).map((text) => ({ text })),
        { text: '' },
      ]),
    ...stepRows(scorecard, width),
    { text: '' },
    ...timeBar(scorecard, width),
    { text: '' },
    ...(game.restored?.left ?? []).flatMap((text) =>
      indented(`after the restore: ${text}`, 2, 4, width).map(
        (line): DebriefLine => ({ text: line, tone: 'warn' }),
      ),
    ),
    ...notObserved.flatMap((text) =>
      indented(`not observed: ${text}`, 2, 4, width).map(
        (line): DebriefLine => ({ text: line, tone: 'quiet' }),
      ),
    ),
    { text: `  game ${game.id} on ${game.cluster}`, tone: 'quiet' },
  ];
}

/** The line's name in a column of its own; below it where the window is narrow. */
function storyRows(title: string, text: string, width: number): DebriefLine[] {
  const column = width < 60 ? 2 : 17;
  const [first = '', ...rest] = indented(text, column, column, width);
  const head =
    column === 2
      ? [{ text: title, tone: 'accent' as const }, { text: first }]
      : [{ text: title.padEnd(column) + first.slice(column) }];
  return [...head, ...rest.map((line) => ({ text: line }))];
}

function findingRows({ kind, text, cost, fix }: Finding, place: number, width: number): DebriefLine[] {
  const known = cost && cost.impactMs > 0 ? ` (${costText(cost)})` : '';
  return [
    ...indented(`${place}. ${text}${known}`, 2, 5, width).map(
      (line): DebriefLine => (kind === 'gap' ? { text: line, tone: 'warn' } : { text: line }),
    ),
    ...(fix?.text.split('\n') ?? []).map(
      (line): DebriefLine => ({
        text: cut(`       ${line}`, width),
        tone: line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : 'quiet',
      }),
    ),
  ];
}

function headingOf(card: Scorecard | Unplayed): string {
  const { game } = card;
  if (!card.played) {
    const cluster = card.touched ? restoredText(game) : 'nothing was changed';
    return visible(`${game.title}   ${game.ending}   ${cluster}`);
  }
  const speed = game.speed === 1 ? '' : ` at speed ${game.speed}`;
  return visible(
    `${nameOf(card)} (${game.scenario})   ${game.ending}   ${restoredText(game)}   ended after ${duration(game.lengthMs)}${speed}`,
  );
}

function restoredText({ restored }: Pick<Scorecard['game'], 'restored'>): string {
  if (!restored) return 'not restored';
  const left = restored.differences + restored.conflicts;
  const notes = restored.left ? ` (${plural(restored.left.length, 'note')})` : '';
  return left === 0 ? `restored, verified${notes}` : `restored but for ${plural(left, 'difference')}`;
}

function subjectRows({ title, mark, text }: SubjectLine, width: number): DebriefLine[] {
  const head = `${title.padEnd(12)}${mark.padEnd(6)}`;
  const [first = '', ...rest] = indented(text, head.length, head.length, width);
  const tone = toneOf(mark);
  return [
    { text: head + first.slice(head.length), ...(tone && { tone }) },
    ...rest.map((line) => ({ text: line })),
  ];
}

function toneOf(mark: string): DebriefTone | undefined {
  if (/^[AB]$/.test(mark)) return 'good';
  if (/^[C]$/.test(mark)) return 'warn';
  return /^[DE]$/.test(mark) ? 'bad' : undefined;
}

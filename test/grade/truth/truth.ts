import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GradeInput } from '../../../src/grade/input.ts';
import { loadGradeInput } from '../../../src/grade/load.ts';
import type { Scorecard } from '../../../src/grade/scorecard.ts';
import type { Letter } from '../../../src/grade/weights.ts';
import { gameFolder } from '../../../src/log/folder.ts';
import { packageRoot } from '../../../src/paths.ts';
import { debriefLines } from '../../../src/report/debrief-lines.ts';
import { reportHtml } from '../../../src/report/html/html.ts';
import { reportMarkdown } from '../../../src/report/markdown.ts';
import { reportOf } from '../../../src/report/report.ts';
import { playedAgain } from './played-again.ts';

/** One game with a planted flaw, and what the scorecard may and may not say of it. */
export interface Row {
  /** With `case G4` where it is one of the cases. */
  title: string;
  game: () => GradeInput | Promise<GradeInput>;
  /** Sentences (or parts of them) that stand in the findings, the subjects' lines or the report. */
  says: (string | RegExp)[];
  /** Sentences that would be false, in any form of the report. */
  never?: RegExp[];
  letters?: { alerts?: Letter | '—' | Letter[]; dashboards?: Letter | '—' | Letter[] };
  /** What lies before the game is the flaw: then it is not graded as the second of two. */
  aboutBefore?: true;
  /** Where a sentence alone does not prove it. */
  card?: (card: Scorecard) => void;
}

/** What is false in every scorecard. */
const neverTrue = [
  /\bNaN\b|\bundefined\b|\[object/,
  /[^.]\.\.(?!\.)(?:\s|$)/,
  /(?:fired|firing|notified) (?:after )?[−-]\d/,
];

/** Each row is a test; each game is graded again, and as the second of two: it must say the same. */
export function truthTable(topic: string, rows: Row[]): void {
  describe(topic, () => {
    for (const row of rows) {
      it(row.title, async () => {
        const input = await row.game();
        const card = cardOf(input);
        const text = everythingSaid(input);
        expect(row.says.filter((sentence) => !matches(text, sentence))).toEqual([]);
        const isFalse = [...neverTrue, ...(row.never ?? [])];
        expect(isFalse.flatMap((sentence) => lineWith(text, sentence))).toEqual([]);
        for (const subject of ['alerts', 'dashboards'] as const) {
          const wanted = row.letters?.[subject];
          if (wanted !== undefined) expect([wanted].flat()).toContain(card[subject].letter);
        }
        row.card?.(card);
        expect(cardOf(input)).toEqual(card);
        if (!row.aboutBefore) expect(judged(cardOf(playedAgain(input)))).toEqual(judged(card));
      });
    }
  });
}

/** What must not depend on how long the quiet before a game was. */
function judged({ alerts, dashboards, findings }: Scorecard): unknown {
  return {
    letters: [alerts.letter, dashboards.letter],
    parts: [alerts.parts, dashboards.parts],
    alerts: alerts.expected.map(({ name, verdict, text }) => [name, verdict, text]),
    panels: dashboards.expected.map(({ dashboard, panel, verdict }) => [dashboard, panel, verdict]),
    boards: dashboards.boards.map(({ uid, verdict }) => [uid, verdict]),
    findings: findings
      .map(({ text }) => text.replace(/the recorded .* of quiet|only .* of quiet/, 'the quiet'))
      .filter((text) => !text.includes('on no panel')),
  };
}

function matches(text: string, sentence: string | RegExp): boolean {
  return typeof sentence === 'string' ? text.includes(sentence) : sentence.test(text);
}

function lineWith(text: string, sentence: RegExp): string[] {
  return text
    .split('\n')
    .filter((line) => sentence.test(line))
    .slice(0, 3);
}

export function cardOf(input: GradeInput): Scorecard {
  const { scorecard } = reportOf(input);
  if (!scorecard.played)
    throw new Error('the game of a truth table was not played: give it the phase respond');
  return scorecard;
}

/** All that a person can read of a game: the screen's debrief, Markdown and HTML without its tags; a line each. */
export function everythingSaid(input: GradeInput): string {
  const report = reportOf(input);
  const screen = debriefLines(report.scorecard, 100_000).lines.map(({ text }) => text.trim());
  const page = reportHtml(report)
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]+>/g, '\n')
    .replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => entities[name] ?? '');
  return [...screen, reportMarkdown(report), page].join('\n');
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };

/** A game of test/fixtures/games, to be changed. */
export function recordedGame(name: string): Promise<GradeInput> {
  return loadGradeInput(gameFolder(join(packageRoot, 'test/fixtures/games', name)));
}

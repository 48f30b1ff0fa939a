import type { Letter } from '../../grade/weights.ts';
import { percent } from '../../words/number.ts';

/** "B, 82 %: recall 100 %, …", with the reason where there is no letter, or no better one. */
export function gradeText(grade: {
  letter: Letter | '—';
  because?: string;
  score: number;
  parts: Record<string, number | undefined>;
}): string {
  const parts = Object.entries(grade.parts).map(([part, share]) => `${part} ${percent(share ?? 0)}`);
  const measured = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
  const { because } = grade;
  if (grade.letter === '—') return `No letter, ${because ?? 'nothing was measured'}${measured}.`;
  const capped = because === undefined ? '' : ` (${because})`;
  return `${grade.letter}, ${percent(grade.score)}${capped}${measured}.`;
}

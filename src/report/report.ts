import { gradeGame } from '../grade/grade.ts';
import type { GradeInput } from '../grade/input.ts';
import type { Scorecard, Unplayed } from '../grade/scorecard.ts';

/** What every form of the report is made of: nothing else is read, so that the same game gives the same bytes. */
export interface Report {
  input: GradeInput;
  scorecard: Scorecard | Unplayed;
}

export function reportOf(input: GradeInput): Report {
  return { input, scorecard: gradeGame(input) };
}

import { gradeGame } from '../grade/grade.ts';
import { loadGradeInput } from '../grade/load.ts';
import type { GameFolder } from '../log/folder.ts';
import { debriefLines } from '../report/debrief-lines.ts';
import type { Debrief } from '../tui/backend.ts';

/** Graded anew from the folder, so that an old game is shown by the grading of today. `width` in columns. */
export async function debriefOf(folder: GameFolder, width: number): Promise<Debrief> {
  const input = await loadGradeInput(folder);
  return debriefLines(gradeGame(input), width);
}

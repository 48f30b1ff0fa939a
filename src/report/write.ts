import type { GameFolder } from '../log/folder.ts';

/** Writes the reports of a game; returns their paths. */
export async function writeReports(folder: GameFolder): Promise<string[]> {
  return [folder.log];
}

import type { GameFolder } from '../log/folder.ts';
import { readLog } from '../log/log.ts';
import { reduceAll } from '../log/state.ts';
import { gameTimes } from '../log/times.ts';
import type { Debrief } from '../tui/backend.ts';
import { duration } from '../tui/text.ts';

/** The debrief of a game that was not graded: its times. */
export async function debriefOf(folder: GameFolder, _width: number): Promise<Debrief> {
  const state = reduceAll(readLog(folder.log).events);
  const times = gameTimes(state);
  const lines = Object.entries(times).map(([name, at]) => ({
    text: `${name.padEnd(14)} ${at === undefined || times.injected === undefined ? '—' : duration(at - times.injected)}`,
  }));
  return {
    heading: `${state.game?.title ?? ''} (${state.game?.scenario ?? ''})   ${state.ended?.ending ?? ''}   game ${folder.id}`,
    lines,
  };
}

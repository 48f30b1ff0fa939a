import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GradeInput } from '../grade/grade.ts';
import { type GameFolder, readJson } from '../log/folder.ts';
import { readLog } from '../log/log.ts';
import { type GameState, reduceAll } from '../log/state.ts';
import { type RecordedSeries, readSeries } from '../signal/recorded-series.ts';
import type { Dashboard } from '../signal/series.ts';
import { openDocument, readPlaybook, readScenario } from './documents.ts';
import type { Rules } from './folder-copies.ts';

/**
 * Everything a grade is made of, from a game's folder alone: it can be graded again on another machine.
 * @throws MisfortuneError for a damaged log or document; what was never recorded is left out
 */
export async function readGradeInput(folder: GameFolder, state?: GameState): Promise<GradeInput> {
  const params = (readJson(folder.params) ?? {}) as Record<string, unknown>;
  const scenario = readScenario(await openDocument(folder.scenario), params);
  const playbook = readPlaybook(await openDocument(folder.playbook), scenario);
  const game = state ?? reduceAll(readLog(folder.log).events);
  return {
    state: game,
    scenario,
    playbook,
    rules: readJson(folder.rules) as Rules | undefined,
    dashboards: readDashboards(folder),
    series: seriesOf(folder, game),
  };
}

/** The dashboards that were copied, by file name. */
export function readDashboards({ dashboards }: GameFolder): Dashboard[] {
  if (!existsSync(dashboards)) return [];
  const files = readdirSync(dashboards)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return files.flatMap((name) => (readJson(join(dashboards, name)) as Dashboard | undefined) ?? []);
}

function seriesOf(folder: GameFolder, { series }: GameState): RecordedSeries | undefined {
  if (!series) return undefined;
  const file = join(folder.path, series.file);
  return existsSync(file) ? readSeries(file) : undefined;
}

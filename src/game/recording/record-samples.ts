import { relative } from 'node:path';
import { readJson, writeWhole } from '../../log/folder.ts';
import { readSamples } from '../../signal/raw/read-samples.ts';
import { packRaw, rawFile } from '../../signal/raw/recording.ts';
import type { Play } from '../play.ts';
import type { Rules } from './known-rules.ts';
import { recordedRange } from './recorded-range.ts';
import { budget } from './wanted.ts';

/**
 * Keeps in the game's folder what rules are evaluated over again: all samples of the stack's namespaces, and of what rules read
 * besides, as Prometheus stored them, over the range of the recording. Within a budget; what was left out is kept with
 * its reason.
 */
export async function recordSamples(
  play: Play,
): Promise<{ file: string; series: number; samples: number; skipped: number }> {
  const { folder, setup } = play;
  const rules = readJson(folder.rules) as Rules | undefined;
  const { range } = recordedRange(play, rules, budget.points);
  const { namespaces } = setup;
  const recording = await readSamples(setup.monitoring.prometheus, { rules, namespaces, range });
  const { series, skipped } = recording;
  const file = rawFile(folder.series);
  writeWhole(file, packRaw(recording));
  const samples = series.reduce((sum, { times }) => sum + times.length, 0);
  return { file: relative(folder.path, file), series: series.length, samples, skipped: skipped.length };
}

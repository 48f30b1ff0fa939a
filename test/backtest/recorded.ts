import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabelSet } from '../../src/promql/series/labels.ts';
import type { FixedSeries } from '../../src/promql/series/source.ts';
import { packRaw, type RawRecording, rawFile } from '../../src/signal/raw/recording.ts';

const fixtures = fileURLToPath(new URL('../fixtures/games', import.meta.url));

/** Of the fixture `haymaker-mitigated`, at speed 5: it was injected, and mitigated; ms since epoch. */
export const injected = 1_795_320_517_617;

/** Its recording begins so long before the injection, ms. */
export const quietMs = 240_000;

/** A value each second: `second` counts from the injection, and is negative before it. */
export function eachSecond(
  labels: Record<string, string>,
  value: (second: number) => number | undefined,
): FixedSeries {
  const seconds = Array.from({ length: quietMs / 1000 + 120 }, (_, index) => index - quietMs / 1000);
  const points = seconds.flatMap((second) => {
    const found = value(second);
    return found === undefined ? [] : [{ time: injected + second * 1000, found }];
  });
  return {
    labels: LabelSet.from({ job: 'checkout', instance: 'a', namespace: 'shop', ...labels }),
    times: Float64Array.from(points, ({ time }) => time),
    values: Float64Array.from(points, ({ found }) => found),
  };
}

/** A copy of the fixture in a folder of games, with these samples; without a recording where none are given. */
export function recordedGame(
  games: string,
  id: string,
  series: readonly FixedSeries[] | undefined,
  more: Partial<RawRecording> = {},
): string {
  const folder = join(games, id);
  mkdirSync(games, { recursive: true });
  cpSync(join(fixtures, 'haymaker-mitigated'), folder, { recursive: true });
  if (!series) return folder;
  const recording: RawRecording = {
    start: (injected - quietMs) / 1000,
    end: (injected + 120_000) / 1000,
    ...{ namespaces: ['shop', 'batch'], asked: [], skipped: [], series: [...series] },
    ...more,
  };
  writeFileSync(rawFile(join(folder, 'series')), packRaw(recording));
  return folder;
}

/** Rules of a file with one group, evaluated every 5 s (each second at speed 5). */
export function ruleFile(...rules: string[]): string {
  return ['groups:', '- name: checkout', '  interval: 5s', '  rules:', ...rules, ''].join('\n');
}

export function alert(name: string, expr: string, forText = '0s'): string {
  return `  - { alert: ${name}, expr: '${expr}', for: ${forText} }`;
}

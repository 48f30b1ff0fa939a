import { type Change, changeOf, median, placeboOf, placeboWindows, scoreOf } from '../../signal/change.ts';
import type { Series } from '../../signal/series.ts';
import type { Moments } from '../moments.ts';
import type { Quiet } from '../quiet.ts';
import { weights } from '../weights.ts';
import { onGrid, timeOf, type Windows } from '../windows.ts';

/** How one series changed by the fault, and whether it changes as much without one. */
export interface Movement {
  labels: Record<string, string>;
  kind: Change['kind'];
  /** It moved, and more than it does in quiet times. */
  moved: boolean;
  /** It moved, but quiet windows of the same length show as much. */
  noisy: boolean;
  /** min(z, 50); 50 for series that appeared or vanished. */
  score: number;
  /** The largest score of a quiet pair of windows; null: too little was recorded before the game. */
  placebo: number | null;
  z: number;
  d: number;
  /** Medians before and during; null where there was no sample. */
  before: number | null;
  during: number | null;
  /** From the first symptom until four samples in a row were far from the baseline, ms; negative: before it. */
  visibleMs?: number;
}

/**
 * Baseline and fault windows are equally long, and so are the quiet ones they are compared with: the last quiet samples
 * before the game, put together where something else lies between. `smallest`: the smallest difference that matters, in
 * the unit of the series.
 */
export function movementOf(
  series: Series,
  windows: Windows,
  moments: Moments,
  { indices }: Quiet,
  smallest = 0,
): Movement {
  const values = onGrid(series, windows);
  const { from, until } = windows;
  const length = Math.max(1, until - from);
  const history = indices.map((index) => values[index]!);
  const before = history.slice(-length);
  const usual = Math.abs(median(before.filter((value) => !Number.isNaN(value))));
  const floor = Math.max(smallest, (usual || 0) * weights.dashboards.visibleShare);
  const change = changeOf(before, values.slice(from, until), { floor });
  const known = history.findIndex((value) => !Number.isNaN(value));
  // A series that was not there yet is no quiet window.
  const quiet = known < 0 ? [] : history.slice(known);
  const pairs = quietPairs(quiet, length);
  const placebo = pairs.length > 0 ? placeboOf(pairs, { floor }) : null;
  const score = scoreOf(change);
  // A counter that begins at 0, or one that had nothing to count and went, says nothing.
  const empty =
    (change.kind === 'appeared' && change.during === 0) ||
    (change.kind === 'vanished' && change.before === 0);
  const moved = change.moved && score > (placebo ?? 0) && !empty;
  return {
    labels: series.labels,
    kind: change.kind,
    moved,
    noisy: change.moved && !moved && !empty,
    score: round(score),
    placebo: placebo === null ? null : round(placebo),
    z: round(change.z),
    d: round(change.d),
    before: finite(change.before),
    during: finite(change.during),
    ...(moved &&
      change.visibleAt !== undefined && {
        visibleMs: timeOf(from + change.visibleAt, windows) - moments.symptom,
      }),
  };
}

/** Pairs as long as baseline and fault; where there was less quiet than that, its two halves. */
function quietPairs(quiet: number[], length: number): [number[], number[]][] {
  const pairs = placeboWindows(quiet, { baseline: length, fault: length });
  const half = Math.floor(quiet.length / 2);
  if (pairs.length > 0 || half < weights.dashboards.shortestQuiet) return pairs;
  return [[quiet.slice(0, half), quiet.slice(half)]];
}

/** Most moved first; the order of labels decides between equals. */
export function byMovement(a: Movement, b: Movement): number {
  return (
    Number(b.moved) - Number(a.moved) ||
    b.score - a.score ||
    Math.abs(b.d) - Math.abs(a.d) ||
    (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1)
  );
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** JSON with 17 digits helps nobody. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Those of the names that a label has; a pod's name begins with its owner's. */
export function naming({ labels }: Pick<Movement, 'labels'>, names: readonly string[]): string[] {
  return names.filter((name) => {
    return Object.values(labels).some((value) => value === name || value.startsWith(`${name}-`));
  });
}

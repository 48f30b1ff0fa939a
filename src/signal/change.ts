/**
 * Whether a series moved between a baseline and a fault window. Effect size and a robust z-score, no p-values:
 * metrics are autocorrelated (rate windows overlap), so that tests of significance see changes everywhere.
 * Inputs are plain numbers in order of time; NaN is no sample.
 */
export interface Change {
  /** Robust z-score of the medians, absolute. */
  z: number;
  /** Cliff's delta of fault against baseline, −1 … 1; positive: higher in the fault. */
  d: number;
  /** Medians, for words: "0.12 s → 1.94 s". */
  before: number;
  during: number;
  /** Index in the fault window at which it starts to be visible; undefined if it never is. */
  visibleAt?: number;
  kind: 'level' | 'appeared' | 'vanished' | 'flat' | 'no-data';
  moved: boolean;
}

/** Thresholds, named once; measured false-alarm rates are in docs/grading.md. */
const changeLimits = { z: 3, d: 0.8, runZ: 5, run: 4, cap: 50 } as const;

/** 1.4826·MAD estimates a standard deviation of normal data; so does IQR/1.349. */
const madFactor = 1.4826;
const iqrFactor = 1.349;

/** The change of one series. `floor`: the smallest difference that matters, in the unit of the series. */
export function changeOf(baseline: number[], fault: number[], options: { floor?: number } = {}): Change {
  const before = baseline.filter(isNumber);
  const during = fault.filter(isNumber);
  // A window without room for a sample says nothing.
  if (fault.length === 0) return presence([], [], fault);
  if (before.length === 0 || during.length === 0) return presence(before, during, fault);
  const scale = scaleOf(before, options.floor);
  const [beforeMedian, duringMedian] = [median(before), median(during)];
  const z = finite(Math.abs(duringMedian - beforeMedian), scale);
  const d = cliffsDelta(before, during);
  const visibleAt = firstRun(fault, beforeMedian, scale);
  const moved = (z >= changeLimits.z && Math.abs(d) >= changeLimits.d) || visibleAt !== undefined;
  return {
    z,
    d,
    before: beforeMedian,
    during: duringMedian,
    ...(visibleAt !== undefined && { visibleAt }),
    kind: moved ? 'level' : 'flat',
    moved,
  };
}

/** The score by which series are ranked; capped, so that a tiny divisor does not win. */
export function scoreOf({ z, kind }: Change): number {
  if (kind === 'appeared' || kind === 'vanished') return changeLimits.cap;
  return Math.min(z, changeLimits.cap);
}

/**
 * The largest score that the same statistic gives on pre-game windows split in the same way. A panel whose score
 * in the game is not above it is noisy. Each window is [baseline, fault].
 */
export function placeboOf(windows: [number[], number[]][], options: { floor?: number } = {}): number {
  return Math.max(0, ...windows.map(([baseline, fault]) => scoreOf(changeOf(baseline, fault, options))));
}

/**
 * Cuts `count` windows of the lengths of baseline and fault out of what was before the game, latest last; fewer if
 * there is not that much. They may overlap by their baselines only.
 */
export function placeboWindows(
  history: number[],
  lengths: { baseline: number; fault: number },
  count = 2,
): [number[], number[]][] {
  const windows: [number[], number[]][] = [];
  const { baseline, fault } = lengths;
  if (fault < 1 || baseline < 1) return windows;
  for (let end = history.length; windows.length < count && end - fault - baseline >= 0; end -= fault) {
    const split = end - fault;
    windows.unshift([history.slice(split - baseline, split), history.slice(split, end)]);
  }
  return windows;
}

/** The spread of a baseline: the largest of MAD and IQR as standard deviations, 1 % of the median, the floor. */
function scaleOf(values: number[], floor = 0): number {
  const middle = median(values);
  const mad = median(values.map((value) => Math.abs(value - middle)));
  const iqr = quantile(values, 0.75) - quantile(values, 0.25);
  return Math.max(madFactor * mad, iqr / iqrFactor, 0.01 * Math.abs(middle), floor);
}

/** P(fault > baseline) − P(fault < baseline). O((m + n) log n). */
export function cliffsDelta(baseline: number[], fault: number[]): number {
  if (baseline.length === 0 || fault.length === 0) return 0;
  const sorted = [...baseline].sort(ascending);
  let sum = 0;
  for (const value of fault) sum += countBelow(sorted, value) - (sorted.length - countUpTo(sorted, value));
  return sum / (baseline.length * fault.length);
}

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** Linear between the two nearest values; NaN of nothing. */
export function quantile(values: number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort(ascending);
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)]!;
  const high = sorted[Math.ceil(position)]!;
  return low === high ? low : low + (high - low) * (position - Math.floor(position));
}

/** NaN and absent are not 0: a series that is only there in one of the windows is a change of its own kind. */
function presence(before: number[], during: number[], fault: number[]): Change {
  const none = { z: 0, d: 0, before: median(before), during: median(during) };
  if (before.length === during.length) return { ...none, kind: 'no-data', moved: false };
  const kind = before.length === 0 ? 'appeared' : 'vanished';
  const visibleAt = kind === 'appeared' ? fault.findIndex(isNumber) : 0;
  return { ...none, kind, visibleAt, moved: true };
}

/** Where the first run of enough samples far from the baseline starts; a hole ends a run. */
function firstRun(fault: number[], middle: number, scale: number): number | undefined {
  let length = 0;
  for (const [index, value] of fault.entries()) {
    const far = isNumber(value) && finite(Math.abs(value - middle), scale) > changeLimits.runZ;
    length = far ? length + 1 : 0;
    if (length === changeLimits.run) return index - changeLimits.run + 1;
  }
  return undefined;
}

/** A difference in units of the scale; a constant baseline (scale 0) makes any difference large, not infinite. */
function finite(difference: number, scale: number): number {
  if (difference === 0) return 0;
  return scale > 0 ? Math.min(difference / scale, Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER;
}

function countBelow(sorted: number[], value: number): number {
  return partition(sorted, (each) => each < value);
}

function countUpTo(sorted: number[], value: number): number {
  return partition(sorted, (each) => each <= value);
}

function partition(sorted: number[], isLeft: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isLeft(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isNumber(value: number): boolean {
  return !Number.isNaN(value);
}

function ascending(left: number, right: number): number {
  return left - right;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { LabelSet } from '../../promql/series/labels.ts';
import type { FixedSeries } from '../../promql/series/source.ts';
import { axesOf } from './axes.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { readValues, writeValues } from './values.ts';

/**
 * The samples that a Prometheus stored, at the times at which it did: what rules can be evaluated over again, whatever
 * they ask. Beside it the grid of `RecordedSeries` is kept, which is what queries of that day gave.
 */
export interface RawRecording {
  /** Unix seconds. */
  start: number;
  end: number;
  /** All series of these were asked for. */
  namespaces: string[];
  /** Selectors of that day's rules, without ranges, all of whose series were asked for as well. */
  asked: string[];
  /** What of both is not in it: the name of a metric or a selector, and why. */
  skipped: { what: string; why: string }[];
  /** Each label set once, by its labels. `stale` where a series ended. */
  series: FixedSeries[];
}

type Header = Omit<RawRecording, 'series'> & { version: number; labels: Record<string, string>[] };

const version = 1;

/** In the folder of the series of a game. */
const fileName = 'samples.gz';

/** Where the samples of a game are: `series` is the folder of its series. */
export function rawFile(series: string): string {
  return join(series, fileName);
}

/**
 * A line of JSON with all that is text, then the axes of times, then each series: which times of its axis it has, in
 * runs, and its values. The same recording gives the same bytes.
 */
export function packRaw({ series, ...rest }: RawRecording): Uint8Array {
  const sorted = [...series].sort((a, b) => (a.labels.key < b.labels.key ? -1 : 1));
  const header: Header = { version, ...rest, labels: sorted.map(({ labels }) => labels.toJSON()) };
  const body = new ByteWriter();
  const { axes, of } = axesOf(sorted);
  body.whole(axes.length);
  for (const axis of axes) writeTimes(body, axis);
  for (const [index, one] of sorted.entries()) {
    body.whole(of[index]!);
    writeRuns(body, one, axes[of[index]!]!);
    writeValues(body, one.stale ? one.values.filter((_, at) => one.stale![at] === 0) : one.values);
  }
  return gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body.bytes]), { level: 9 });
}

/** @throws MisfortuneError `no-samples`, if the game has none (it is older, or nothing answered), `unreadable-samples` */
export function readRaw(series: string): RawRecording {
  const file = rawFile(series);
  if (!existsSync(file)) {
    throw new MisfortuneError(
      'no-samples',
      `Expected the samples of the game in ${file}, found no such file.`,
      {
        todo: 'It was played with an older version, or Prometheus did not answer at its end. Play the scenario again.',
        exitCode: exitCodes.usage,
      },
    );
  }
  try {
    return unpacked(gunzipSync(readFileSync(file)));
  } catch (cause) {
    if (cause instanceof MisfortuneError) throw cause;
    throw unreadable(`it is damaged (${(cause as Error).message})`, cause);
  }
}

function unreadable(seen: string, cause?: unknown): MisfortuneError {
  return new MisfortuneError('unreadable-samples', `Expected samples of version ${version}; ${seen}.`, {
    todo: 'Take the file from a copy of the game, or play the scenario again.',
    exitCode: exitCodes.usage,
    cause,
  });
}

function unpacked(bytes: Uint8Array): RawRecording {
  const end = bytes.indexOf(10);
  const {
    version: found,
    labels,
    ...rest
  } = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString()) as Header;
  if (found !== version) throw unreadable(`it is of version ${found}, of a newer misfortune`);
  const body = new ByteReader(bytes.subarray(end + 1));
  const axes = Array.from({ length: body.whole() }, () => readTimes(body));
  const series = labels.map((one): FixedSeries => {
    const { times, stale } = readRuns(body, axes[body.whole()]!);
    const count = stale ? times.length - stale.reduce((sum, marker) => sum + marker, 0) : times.length;
    const values = readValues(body, count);
    return {
      labels: LabelSet.from(one),
      times,
      ...(stale ? { stale, values: spread(values, stale) } : { values }),
    };
  });
  return { ...rest, series };
}

/** The distances of times change little. */
function writeTimes(to: ByteWriter, times: Float64Array): void {
  to.whole(times.length);
  let before = 0;
  let distance = 0;
  for (const time of times) {
    to.signed(time - before - distance);
    distance = time - before;
    before = time;
  }
}

function readTimes(from: ByteReader): Float64Array {
  const times = new Float64Array(from.whole());
  let distance = 0;
  for (let at = 0; at < times.length; at++) {
    distance += from.signed();
    times[at] = (at === 0 ? 0 : times[at - 1]!) + distance;
  }
  return times;
}

/** Neighbours on the axis, as how many are left out before them and how many they are; the last may be a marker. */
function writeRuns(to: ByteWriter, { times, stale }: FixedSeries, axis: Float64Array): void {
  const runs: number[] = [];
  let next = 0;
  for (let at = 0; at < times.length; ) {
    const first = axis.indexOf(times[at]!, next);
    let length = 0;
    let isEnded = false;
    while (!isEnded && at < times.length && times[at] === axis[first + length]) {
      isEnded = stale !== undefined && stale[at] !== 0;
      at++;
      length++;
    }
    runs.push(first - next, length * 2 + Number(isEnded));
    next = first + length;
  }
  to.whole(runs.length / 2);
  for (const one of runs) to.whole(one);
}

function readRuns(from: ByteReader, axis: Float64Array): { times: Float64Array; stale?: Uint8Array } {
  const runs = Array.from({ length: from.whole() }, () => ({ gap: from.whole(), length: from.whole() }));
  const [only] = runs;
  // Most series have all times of their target, and share them.
  if (runs.length === 1 && only!.gap === 0 && only!.length === axis.length * 2) return { times: axis };
  const count = runs.reduce((sum, { length }) => sum + (length >> 1), 0);
  const times = new Float64Array(count);
  const stale = new Uint8Array(count);
  let on = 0;
  let at = 0;
  for (const { gap, length } of runs) {
    on += gap;
    times.set(axis.subarray(on, on + (length >> 1)), at);
    on += length >> 1;
    at += length >> 1;
    if (length % 2 === 1) stale[at - 1] = 1;
  }
  return stale.includes(1) ? { times, stale } : { times };
}

function spread(values: Float64Array, stale: Uint8Array): Float64Array {
  let next = 0;
  return Float64Array.from(stale, (marker) => (marker === 0 ? values[next++]! : Number.NaN));
}

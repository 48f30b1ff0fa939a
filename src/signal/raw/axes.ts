import type { LabelSet } from '../../promql/series/labels.ts';
import type { FixedSeries } from '../../promql/series/source.ts';

/** Times that series share: those of one scraped target. */
export interface Axes {
  /** Each ascending, ms since epoch. */
  axes: Float64Array[];
  /** For each series the index of its axis, which has all of its times. */
  of: number[];
}

/** A series joins the times of others of its target if these have so large a part of its own. */
const sharedPart = 0.5;

/** Gathers the times of series: what one scrape stored has one time. */
export function axesOf(all: readonly FixedSeries[]): Axes {
  const times: Set<number>[] = [];
  const ofTarget = new Map<string, number[]>();
  const of = all.map((series) => {
    const target = targetOf(series.labels);
    const known = ofTarget.get(target) ?? [];
    ofTarget.set(target, known);
    const shared = known.find((index) => isPartOf(series, times[index]!));
    const found = shared ?? times.push(new Set()) - 1;
    if (shared === undefined) known.push(found);
    for (const time of series.times) times[found]!.add(time);
    return found;
  });
  return { axes: times.map((set) => Float64Array.from(set).sort()), of };
}

/** What a scraped series says of where it comes from. */
export function targetOf(labels: LabelSet): string {
  return `${labels.get('job')} ${labels.get('instance')}`;
}

function isPartOf({ times }: FixedSeries, axis: ReadonlySet<number>): boolean {
  let shared = 0;
  for (const time of times) if (axis.has(time)) shared++;
  return shared >= sharedPart * times.length;
}

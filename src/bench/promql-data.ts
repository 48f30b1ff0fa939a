import { seededRandom } from '../clock.ts';
import { LabelSet } from '../promql/series/labels.ts';

const STEP = 5_000;
const HOUR = 3_600_000;
/** 2026-01-01T01:00:00Z. */
export const END = 1_767_229_200_000;
export const RANGE = { start: END - HOUR + 300_000, end: END, step: 15_000 };

const BOUNDS = ['0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '+Inf'];

interface BenchSeries {
  labels: Record<string, string>;
  values: number[];
}

export const times = Array.from({ length: HOUR / STEP }, (_, index) => END - HOUR + (index + 1) * STEP);

/** Two metrics of 2,000 series each: a counter with restarts, and the buckets of histograms. */
export function* benchSeries(): Iterable<BenchSeries> {
  const random = seededRandom(7);
  for (let service = 0; service < 20; service++) {
    for (let pod = 0; pod < 100; pod++) {
      const labels = { ...namesOf(service, pod), __name__: 'requests_total' };
      let count = 0;
      yield {
        labels,
        values: times.map(() => (count = random() < 0.001 ? 0 : count + Math.floor(random() * 50))),
      };
    }
    for (let pod = 0; pod < 10; pod++) {
      const counts = times.map(() => 0);
      for (const le of BOUNDS) {
        let more = 0;
        for (let i = 0; i < counts.length; i++) counts[i]! += more += Math.floor(random() * 5);
        const labels = { ...namesOf(service, pod), __name__: 'request_seconds_bucket', le };
        yield { labels, values: [...counts] };
      }
    }
  }
}

function namesOf(service: number, pod: number): Record<string, string> {
  return { service: `service-${service}`, pod: `service-${service}-${pod}`, namespace: 'shop', job: 'pods' };
}

/** The same as OpenMetrics text. */
export function openMetrics(): string {
  const families = new Map<string, string[]>();
  for (const { labels, values } of benchSeries()) {
    const name = String(LabelSet.from(labels)).replaceAll(', ', ',');
    const lines = families.get(labels.__name__!) ?? [];
    families.set(labels.__name__!, lines);
    for (const [index, value] of values.entries()) lines.push(`${name} ${value} ${times[index]! / 1000}`);
  }
  return `${[...families.values()].map((lines) => lines.join('\n')).join('\n')}\n# EOF\n`;
}

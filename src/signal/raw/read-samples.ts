import { setTimeout as sleep } from 'node:timers/promises';
import { atOnce } from '../../at-once.ts';
import { describeError } from '../../errors.ts';
import { LabelSet } from '../../promql/series/labels.ts';
import type { FixedSeries } from '../../promql/series/source.ts';
import type { Range } from '../recorded-series.ts';
import type { Prometheus, Rules, Series } from '../series.ts';
import type { RawRecording } from './recording.ts';
import { sampleBudget, type WantedSamples, wantedSamples } from './sample-queries.ts';
import { withEnds } from './series-ends.ts';

/** Before a request that was not answered is made once more, ms. */
const pauseMs = 500;

/** Asks a Prometheus for all of it. @throws MisfortuneError if it does not tell which metrics there are */
export async function readSamples(
  prometheus: Prometheus,
  { rules, namespaces, range }: { rules: Rules | undefined; namespaces: readonly string[]; range: Range },
): Promise<RawRecording> {
  const intervals = [...(await prometheus.scrapeIntervals().catch(() => new Map<string, number>())).values()];
  const seconds = Math.max(0.1, Math.min(range.step, ...intervals));
  const { stack, others } = await wantedSamples(prometheus, { rules, namespaces, range, seconds });
  const asking = new SampleReader(prometheus, range);
  await asking.read([...stack, ...others]);
  const { series, unseen } = await withEnds(prometheus, asking.series, range);
  const skipped = [...asking.skipped, ...unseen];
  const left = new Set(skipped.map(({ what }) => what));
  const asked = others.flatMap(({ what }) => what).filter((selector) => !left.has(selector));
  const { start, end } = range;
  return { start, end, namespaces: [...namespaces], asked, skipped, series };
}

/** Asks for samples, piece of time by piece, and puts them together. */
class SampleReader {
  readonly skipped: RawRecording['skipped'] = [];
  readonly #prometheus: Prometheus;
  readonly #range: Range;
  readonly #found = new Map<string, { labels: LabelSet; points: Series['points'] }>();
  #queries = 0;
  #samples = 0;
  #silent = 0;

  constructor(prometheus: Prometheus, range: Range) {
    this.#prometheus = prometheus;
    this.#range = range;
  }

  get series(): FixedSeries[] {
    return [...this.#found.values()].map(({ labels, points }) => ({
      labels,
      times: Float64Array.from(points, ([at]) => Math.round(at * 1000)),
      values: Float64Array.from(points, ([, value]) => value),
    }));
  }

  async read(wanted: readonly WantedSamples[]): Promise<void> {
    await atOnce(wanted, (one) => this.#one(one), sampleBudget.atOnce);
  }

  async #one(wanted: WantedSamples): Promise<void> {
    const why = this.#overBudget(wanted) ?? (await this.#pieces(wanted));
    if (why !== undefined) for (const what of wanted.what) this.skipped.push({ what, why });
  }

  #overBudget({ expected }: WantedSamples): string | undefined {
    const { queries, samples, silent } = sampleBudget;
    if (this.#silent >= silent) return 'Prometheus had stopped answering';
    if (this.#queries >= queries) return `over the budget of ${queries} requests`;
    return this.#samples + expected > samples ? `over the budget of ${samples} samples` : undefined;
  }

  /** Why it is not there: half of the time of a series would look as if it had ended. */
  async #pieces({ selector, expected }: WantedSamples): Promise<string | undefined> {
    const { start, end } = this.#range;
    const count = Math.ceil(expected / sampleBudget.each);
    const answers: Series[] = [];
    for (let piece = 0; piece < count; piece++) {
      const at = (part: number) => start + Math.round(((end - start) * part * 1000) / count) / 1000;
      const answer = await this.#ask(selector, { start: at(piece), end: at(piece + 1) });
      if (typeof answer === 'string') return answer;
      answers.push(...answer);
    }
    for (const one of answers) this.#add(one);
    return undefined;
  }

  /** In order of time. What two selectors give is there once. */
  #add({ labels: told, points }: Series): void {
    if (points.length === 0) return;
    const labels = LabelSet.from(told);
    const known = this.#found.get(labels.key) ?? { labels, points: [] };
    this.#found.set(labels.key, known);
    const last = known.points.at(-1)?.[0] ?? -Infinity;
    for (const point of points) if (point[0] > last) known.points.push(point);
    this.#samples += points.length;
  }

  async #ask(selector: string, range: { start: number; end: number }): Promise<Series[] | string> {
    for (let again = 0; ; again++) {
      this.#queries++;
      try {
        const answer = await this.#prometheus.samples(selector, range);
        this.#silent = 0;
        return answer;
      } catch (error) {
        this.#silent++;
        if (again > 0)
          return describeError(error).replaceAll(this.#prometheus.url, 'Prometheus').replace(/\.+$/, '');
        await sleep(pauseMs);
      }
    }
  }
}

import { LabelSet } from '../../../promql/series/labels.ts';
import type { Network, SandboxClock } from '../../api.ts';
import type { Storage } from '../tsdb/storage.ts';
import { type ExposedSample, type MetricMetadata, parseExposition } from './exposition.ts';
import type { Target } from './target.ts';
import { SeriesWriter } from './write.ts';

export interface ScrapeStatus {
  readonly target: Target;
  health: 'unknown' | 'up' | 'down';
  lastError: string;
  /** ms since epoch; 0 before the first. */
  lastScrape: number;
  durationSeconds: number;
  readonly metadata: Map<string, MetricMetadata>;
}

/** Scrapes one target until it is stopped. */
export class Scraper {
  readonly status: ScrapeStatus;
  readonly #storage: Storage;
  readonly #network: Network;
  readonly #clock: SandboxClock;
  readonly #intervalMs: number;
  readonly #samples: SeriesWriter;
  readonly #report: SeriesWriter;
  readonly #timers: (() => void)[] = [];
  readonly #labelled = new Map<string, LabelSet>();
  #known = new Set<string>();
  #busy = false;
  #stopped = false;

  constructor(
    target: Target,
    parts: { storage: Storage; network: Network; clock: SandboxClock; intervalMs: number; delayMs: number },
  ) {
    this.status = {
      target,
      health: 'unknown',
      lastError: '',
      lastScrape: 0,
      durationSeconds: 0,
      metadata: new Map(),
    };
    this.#storage = parts.storage;
    this.#network = parts.network;
    this.#clock = parts.clock;
    this.#intervalMs = parts.intervalMs;
    this.#samples = new SeriesWriter(this.#storage);
    this.#report = new SeriesWriter(this.#storage);
    this.#timers.push(
      this.#clock.setTimeout(() => {
        if (this.#stopped) return;
        void this.scrape();
        this.#timers.push(this.#clock.setInterval(() => void this.scrape(), this.#intervalMs));
      }, parts.delayMs),
    );
  }

  /** Never rejects: a failed scrape is `up` 0. A scrape is skipped while the one before is under way. */
  async scrape(): Promise<void> {
    if (this.#busy || this.#stopped) return;
    this.#busy = true;
    const startedAt = this.#clock.now();
    let body: string | undefined;
    let samples: ExposedSample[] = [];
    let failed = '';
    try {
      const { host, port, path, scheme } = this.status.target;
      const answer = await this.#network.fetch(host, port, path, {
        scheme,
        timeoutMs: this.#intervalMs,
        headers: { accept: 'text/plain;version=0.0.4', 'user-agent': 'Prometheus' },
      });
      if (answer.status !== 200) throw new Error(`server returned HTTP status ${answer.status}`);
      body = answer.body;
      const exposition = parseExposition(body);
      samples = exposition.samples.map((sample) => ({ ...sample, labels: this.#labels(sample.labels) }));
      for (const [name, metadata] of exposition.metadata) this.status.metadata.set(name, metadata);
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    } finally {
      this.#busy = false;
    }
    if (!this.#stopped) this.#store(samples, startedAt, failed);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    const now = this.#clock.now();
    this.#samples.end(now);
    this.#report.end(now);
  }

  /** Health and error change together: who asks during the next scrape reads the last one's. */
  #store(samples: readonly ExposedSample[], time: number, failed: string): void {
    const { status } = this;
    status.lastError = failed;
    status.health = failed === '' ? 'up' : 'down';
    status.lastScrape = time;
    status.durationSeconds = (this.#clock.now() - time) / 1000;
    this.#samples.write(samples, time);
    const keys = new Set(samples.map(({ labels }) => labels.key));
    const added = [...keys].filter((key) => !this.#known.has(key)).length;
    this.#known = keys;
    const report = (name: string, value: number) => ({
      labels: status.target.labels.with({ __name__: name }),
      value,
    });
    this.#report.write(
      [
        report('up', status.health === 'up' ? 1 : 0),
        report('scrape_duration_seconds', status.durationSeconds),
        report('scrape_samples_scraped', samples.length),
        report('scrape_samples_post_metric_relabeling', samples.length),
        report('scrape_series_added', added),
      ],
      time,
    );
  }

  /** The target's labels win; the sample's own are kept as `exported_…` (honor_labels: false). */
  #labels(exposed: LabelSet): LabelSet {
    let labels = this.#labelled.get(exposed.key);
    if (!labels) {
      const target = this.status.target.labels;
      const own = [...exposed].map(
        ([name, value]) => [target.get(name) === '' ? name : `exported_${name}`, value] as const,
      );
      labels = LabelSet.of([...own, ...target]);
      // Bounded: a target whose labels never repeat must not grow this for ever.
      if (this.#labelled.size >= 20_000) this.#labelled.clear();
      this.#labelled.set(exposed.key, labels);
    }
    return labels;
  }
}

import { PromqlError } from '../promql/error.ts';
import type { Query, QueryLimits } from '../promql/query.ts';
import type { Steps } from '../promql/turns.ts';
import type { Sample } from '../promql/value.ts';
import { LabelSet } from '../tsdb/labels.ts';
import type { SeriesSource } from '../tsdb/storage.ts';
import type { ActiveAlert } from './alert.ts';
import type { RuleDefinition } from './rule.ts';
import { renderTemplate } from './template.ts';

/** The state of one alerting rule from evaluation to evaluation. */
export class AlertingRule {
  readonly definition: RuleDefinition;
  readonly #query: Query;
  readonly #active = new Map<string, ActiveAlert>();

  constructor(definition: RuleDefinition, query: Query) {
    this.definition = definition;
    this.#query = query;
  }

  get alerts(): readonly ActiveAlert[] {
    return [...this.#active.values()];
  }

  get state(): 'inactive' | 'pending' | 'firing' {
    const { alerts } = this;
    if (alerts.some(({ state }) => state === 'firing')) return 'firing';
    return alerts.length > 0 ? 'pending' : 'inactive';
  }

  /**
   * One evaluation at `time` (ms). Returns the samples of ALERTS and ALERTS_FOR_STATE, and the alerts that just
   * stopped firing.
   */
  *evaluate(
    source: SeriesSource,
    time: number,
    limits: QueryLimits,
  ): Steps<{ samples: Sample[]; resolved: ActiveAlert[] }> {
    const value = yield* this.#query.steps(source, time, limits);
    const results =
      value.type === 'vector'
        ? value.samples
        : value.type === 'scalar'
          ? [{ labels: LabelSet.empty, value: value.value }]
          : [];
    const seen = new Set<string>();
    for (const sample of results) {
      const labels = this.#labels(sample, source, time, limits);
      if (seen.has(labels.key)) {
        throw new PromqlError(
          'execution',
          'vector contains metrics with the same labelset after applying alert labels',
        );
      }
      seen.add(labels.key);
      this.#observe(labels, sample, source, time, limits);
    }
    const resolved = this.#settle(seen, time);
    return { samples: [...this.#active.values()].flatMap((alert) => this.#samples(alert)), resolved };
  }

  #labels(sample: Sample, source: SeriesSource, time: number, limits: QueryLimits): LabelSet {
    const own = Object.entries(this.definition.labels).map(([name, text]) => [
      name,
      renderTemplate(text, {
        labels: sample.labels.withoutName(),
        value: sample.value,
        source,
        time,
        limits,
      }),
    ]);
    return sample.labels.withoutName().with({ ...Object.fromEntries(own), alertname: this.definition.name });
  }

  #observe(labels: LabelSet, sample: Sample, source: SeriesSource, time: number, limits: QueryLimits): void {
    const scope = { labels: sample.labels.withoutName(), value: sample.value, source, time, limits };
    const annotations = Object.fromEntries(
      Object.entries(this.definition.annotations).map(([name, text]) => [name, renderTemplate(text, scope)]),
    );
    const known = this.#active.get(labels.key);
    if (known) {
      Object.assign(known, { value: sample.value, annotations, keptSince: undefined });
      return;
    }
    this.#active.set(labels.key, {
      labels,
      annotations,
      state: 'pending',
      value: sample.value,
      activeAt: time,
      firedAt: undefined,
      keptSince: undefined,
    });
  }

  /** Pending alerts that cleared vanish without a trace; firing ones may be kept for a while. */
  #settle(seen: ReadonlySet<string>, time: number): ActiveAlert[] {
    const resolved: ActiveAlert[] = [];
    for (const [key, alert] of this.#active) {
      if (!seen.has(key)) {
        if (alert.state === 'firing' && this.definition.keepFiringForMs > 0) {
          alert.keptSince ??= time;
          if (time - alert.keptSince < this.definition.keepFiringForMs) continue;
        }
        this.#active.delete(key);
        if (alert.state === 'firing') resolved.push(alert);
      } else if (alert.state === 'pending' && time - alert.activeAt >= this.definition.forMs) {
        alert.state = 'firing';
        alert.firedAt = time;
      }
    }
    return resolved;
  }

  #samples(alert: ActiveAlert): Sample[] {
    return [
      { labels: alert.labels.with({ __name__: 'ALERTS', alertstate: alert.state }), value: 1 },
      { labels: alert.labels.with({ __name__: 'ALERTS_FOR_STATE' }), value: alert.activeAt / 1000 },
    ];
  }
}

import { PromqlError } from '../promql/error.ts';
import type { Query, QueryLimits } from '../promql/query.ts';
import type { Steps } from '../promql/turns.ts';
import type { Sample } from '../promql/value.ts';
import { LabelSet } from '../tsdb/labels.ts';
import type { SeriesSource } from '../tsdb/storage.ts';
import type { ActiveAlert } from './alert.ts';
import type { RuleDefinition } from './rule.ts';
import { renderTemplate, type TemplateScope } from './template.ts';

/** What the rules of a group share. */
export interface AlertEvaluation {
  readonly limits: QueryLimits;
  readonly queryOffsetMs: number;
  /** Most alerts of a rule; 0: there is no limit. */
  readonly limit: number;
  readonly externalLabels: LabelSet;
  readonly externalUrl: () => string;
}

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
    evaluation: AlertEvaluation,
  ): Steps<{ samples: Sample[]; resolved: ActiveAlert[] }> {
    const { limits, limit, queryOffsetMs } = evaluation;
    const queried = time - queryOffsetMs;
    const value = yield* this.#query.steps(source, queried, limits);
    const results =
      value.type === 'vector'
        ? value.samples
        : value.type === 'scalar'
          ? [{ labels: LabelSet.empty, value: value.value }]
          : [];
    if (limit > 0 && results.length > limit) {
      this.#active.clear();
      throw new PromqlError('execution', `exceeded limit of ${limit} with ${results.length} alerts`);
    }
    const seen = new Set<string>();
    for (const sample of results) {
      const { externalLabels, externalUrl } = evaluation;
      const scope = {
        labels: sample.labels,
        value: sample.value,
        source,
        time: queried,
        limits,
        externalLabels,
        externalUrl: externalUrl(),
      };
      const labels = this.#labels(sample, scope);
      if (seen.has(labels.key)) {
        throw new PromqlError(
          'execution',
          'vector contains metrics with the same labelset after applying alert labels',
        );
      }
      seen.add(labels.key);
      this.#observe(labels, sample.value, scope, time);
    }
    const resolved = this.#settle(seen, time);
    return { samples: [...this.#active.values()].flatMap((alert) => this.#samples(alert)), resolved };
  }

  #labels(sample: Sample, scope: TemplateScope): LabelSet {
    const own = Object.entries(this.definition.labels).map(([name, text]) => [
      name,
      renderTemplate(text, scope),
    ]);
    return sample.labels.withoutName().with({ ...Object.fromEntries(own), alertname: this.definition.name });
  }

  #observe(labels: LabelSet, value: number, scope: TemplateScope, time: number): void {
    const annotations = Object.fromEntries(
      Object.entries(this.definition.annotations).map(([name, text]) => [name, renderTemplate(text, scope)]),
    );
    const known = this.#active.get(labels.key);
    if (known) {
      Object.assign(known, { value, annotations, keptSince: undefined });
      return;
    }
    this.#active.set(labels.key, {
      labels,
      annotations,
      state: 'pending',
      value,
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

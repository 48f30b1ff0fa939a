import { PromqlError } from '../promql/error.ts';
import { atOnce, type Steps } from '../promql/evaluate/steps.ts';
import { Query, type QueryLimits } from '../promql/query.ts';
import { LabelSet } from '../promql/series/labels.ts';
import type { SeriesSource } from '../promql/series/source.ts';
import type { Sample } from '../promql/value.ts';
import type { ActiveAlert } from './alert-states.ts';
import { type AlertEvaluation, AlertingRule } from './alerting.ts';
import type { RuleDefinition, RuleGroupDefinition } from './rule.ts';

export interface RuleStatus {
  readonly definition: RuleDefinition;
  /** Undefined for recording rules. */
  readonly alerting: AlertingRule | undefined;
  health: 'unknown' | 'ok' | 'err';
  lastError: string;
  /** Seconds. */
  evaluationTime: number;
  /** ms since epoch; 0 before the first. */
  lastEvaluation: number;
}

interface Entry extends RuleStatus {
  readonly query: Query;
  readonly writer: RuleWriter;
}

/** Keeps what one rule gives. What it gave last time and does not give now has ended. */
export interface RuleWriter {
  /** @param time ms since epoch */
  write(samples: readonly Sample[], time: number): unknown;
}

/** The rules of one group, evaluated one after another, so that later ones see what earlier ones recorded. */
export class RuleGroup {
  readonly definition: RuleGroupDefinition;
  readonly #entries: readonly Entry[];
  readonly #source: SeriesSource;
  readonly #stopwatch: () => number;
  readonly #evaluating: AlertEvaluation;
  readonly #onAlerts: (
    firing: readonly ActiveAlert[],
    resolved: readonly ActiveAlert[],
    time: number,
  ) => void;
  evaluationTime = 0;
  lastEvaluation = 0;

  constructor(
    definition: RuleGroupDefinition,
    parts: {
      source: SeriesSource;
      /** One for each rule. */
      writer: () => RuleWriter;
      limits: QueryLimits;
      /** Of queries in templates; as `limits` if left out. */
      templateLimits?: QueryLimits;
      /** ms since any beginning, to tell how long evaluations take. */
      stopwatch: () => number;
      externalLabels?: LabelSet;
      /** Where Prometheus is reached. */
      externalUrl?: () => string;
      /** After each evaluation: all that fires and what has just stopped. */
      onAlerts: (firing: readonly ActiveAlert[], resolved: readonly ActiveAlert[], time: number) => void;
    },
  ) {
    this.definition = definition;
    this.#source = parts.source;
    this.#stopwatch = parts.stopwatch;
    this.#evaluating = {
      limits: parts.limits,
      templateLimits: parts.templateLimits ?? parts.limits,
      queryOffsetMs: definition.queryOffsetMs,
      limit: definition.limit,
      externalLabels: parts.externalLabels ?? LabelSet.empty,
      externalUrl: parts.externalUrl ?? (() => ''),
    };
    this.#onAlerts = parts.onAlerts;
    this.#entries = definition.rules.map((rule) => {
      const query = new Query(rule.expr);
      return {
        definition: rule,
        query,
        alerting: rule.kind === 'alerting' ? new AlertingRule(rule, query) : undefined,
        writer: parts.writer(),
        health: 'unknown',
        lastError: '',
        evaluationTime: 0,
        lastEvaluation: 0,
      };
    });
  }

  get rules(): readonly RuleStatus[] {
    return this.#entries;
  }

  /** @param time ms since epoch */
  evaluate(time: number): void {
    atOnce(this.evaluation(time));
  }

  /** The same in steps, between which others may go on. */
  *evaluation(time: number): Steps<void> {
    const began = this.#stopwatch();
    const resolved: ActiveAlert[] = [];
    for (const entry of this.#entries) {
      const startedAt = this.#stopwatch();
      resolved.push(...(yield* this.#evaluateRule(entry, time)));
      entry.evaluationTime = (this.#stopwatch() - startedAt) / 1000;
      entry.lastEvaluation = time;
    }
    this.evaluationTime = (this.#stopwatch() - began) / 1000;
    this.lastEvaluation = time;
    const firing = this.#entries
      .flatMap(({ alerting }) => alerting?.alerts ?? [])
      .filter(({ state }) => state === 'firing');
    if (firing.length > 0 || resolved.length > 0) this.#onAlerts(firing, resolved, time);
  }

  *#evaluateRule(entry: Entry, time: number): Steps<ActiveAlert[]> {
    try {
      const outcome = entry.alerting
        ? yield* entry.alerting.evaluate(this.#source, time, this.#evaluating)
        : { samples: yield* this.#recorded(entry, time), resolved: [] };
      entry.writer.write(outcome.samples, time);
      entry.health = 'ok';
      entry.lastError = '';
      return outcome.resolved;
    } catch (error) {
      // One failing rule is shown as such; the others go on, as in Prometheus.
      entry.health = 'err';
      entry.lastError = error instanceof Error ? error.message : String(error);
      return [];
    }
  }

  *#recorded({ definition: rule, query }: Entry, time: number): Steps<Sample[]> {
    const { queryOffsetMs, limit } = this.definition;
    const value = yield* query.instantSteps(this.#source, time - queryOffsetMs, this.#evaluating.limits);
    if (value.type === 'scalar') {
      return [{ labels: LabelSet.from({ ...rule.labels, __name__: rule.name }), value: value.value }];
    }
    if (value.type !== 'vector') throw new PromqlError('execution', 'rule result is not a vector or scalar');
    if (limit > 0 && value.samples.length > limit)
      throw new PromqlError('execution', `exceeded limit of ${limit} with ${value.samples.length} series`);
    const seen = new Set<string>();
    return value.samples.map((sample) => {
      const labels = sample.labels.with({ ...rule.labels, __name__: rule.name });
      if (seen.has(labels.key)) {
        throw new PromqlError(
          'execution',
          'vector contains metrics with the same labelset after applying rule labels',
        );
      }
      seen.add(labels.key);
      return { labels, value: sample.value };
    });
  }
}

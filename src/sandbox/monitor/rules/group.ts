import type { SandboxClock } from '../../api.ts';
import { PromqlError } from '../promql/error.ts';
import { Query, type QueryLimits } from '../promql/query.ts';
import { atOnce, inTurns, type Steps } from '../promql/turns.ts';
import type { Sample } from '../promql/value.ts';
import { SeriesWriter } from '../scrape/write.ts';
import { LabelSet } from '../tsdb/labels.ts';
import type { Storage } from '../tsdb/storage.ts';
import type { ActiveAlert } from './alert.ts';
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
  readonly writer: SeriesWriter;
}

/** The rules of one group, evaluated one after another, so that later ones see what earlier ones recorded. */
export class RuleGroup {
  readonly definition: RuleGroupDefinition;
  readonly #entries: readonly Entry[];
  readonly #storage: Storage;
  readonly #clock: SandboxClock;
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
      storage: Storage;
      clock: SandboxClock;
      limits: QueryLimits;
      externalLabels?: LabelSet;
      /** Where Prometheus is reached. */
      externalUrl?: () => string;
      /** After each evaluation: all that fires and what has just stopped. */
      onAlerts: (firing: readonly ActiveAlert[], resolved: readonly ActiveAlert[], time: number) => void;
    },
  ) {
    this.definition = definition;
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#evaluating = {
      limits: parts.limits,
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
        writer: new SeriesWriter(parts.storage),
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

  /** Evaluates every rule each interval; an evaluation that takes longer makes the next one be left out. Returns stop. */
  start(): () => void {
    let isBusy = false;
    const evaluate = async () => {
      if (isBusy) return;
      isBusy = true;
      try {
        await inTurns(this.#evaluation(this.#clock.now()));
      } finally {
        isBusy = false;
      }
    };
    return this.#clock.setInterval(() => void evaluate(), this.definition.intervalMs);
  }

  /** @param time ms since epoch */
  evaluate(time: number): void {
    atOnce(this.#evaluation(time));
  }

  *#evaluation(time: number): Steps<void> {
    const began = performance.now();
    const resolved: ActiveAlert[] = [];
    for (const entry of this.#entries) {
      const startedAt = performance.now();
      resolved.push(...(yield* this.#evaluateRule(entry, time)));
      entry.evaluationTime = (performance.now() - startedAt) / 1000;
      entry.lastEvaluation = time;
    }
    this.evaluationTime = (performance.now() - began) / 1000;
    this.lastEvaluation = time;
    const firing = this.#entries
      .flatMap(({ alerting }) => alerting?.alerts ?? [])
      .filter(({ state }) => state === 'firing');
    if (firing.length > 0 || resolved.length > 0) this.#onAlerts(firing, resolved, time);
  }

  *#evaluateRule(entry: Entry, time: number): Steps<ActiveAlert[]> {
    try {
      const outcome = entry.alerting
        ? yield* entry.alerting.evaluate(this.#storage, time, this.#evaluating)
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
    const value = yield* query.steps(this.#storage, time - queryOffsetMs, this.#evaluating.limits);
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

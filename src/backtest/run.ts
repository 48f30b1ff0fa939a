import { PromqlError } from '../promql/error.ts';
import { Query, type QueryLimits, type RangeSeries } from '../promql/query.ts';
import { LabelSet } from '../promql/series/labels.ts';
import type { SeriesSource } from '../promql/series/source.ts';
import type { Sample } from '../promql/value.ts';
import type { Episode } from '../rules/alert-states.ts';
import { type AlertEvaluation, AlertingRule, resultsOf } from '../rules/alerting.ts';
import type { RuleDefinition, RuleGroupDefinition } from '../rules/rule.ts';
import { alertMetrics, isLate, orderOf, readAlerts } from './order.ts';
import type { BacktestStore, Grid, SampleWriter } from './store.ts';

/** What became of one rule. */
export interface RuleRun {
  readonly definition: RuleDefinition;
  readonly group: RuleGroupDefinition;
  /** Of an alerting rule, in order of their ends. Times are ms since epoch. */
  readonly episodes: readonly Episode[];
  /** First and last evaluation. */
  readonly from: number;
  readonly until: number;
  /** The last error of an evaluation, and how many failed. */
  readonly failed?: { readonly why: string; readonly times: number };
}

export interface RunOptions {
  /** ms since epoch, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** A time at which the group was evaluated, ms since epoch: all its evaluations are whole intervals from it. */
  readonly phaseOf: (group: RuleGroupDefinition) => number;
  /** Resolution of subqueries without one, ms. */
  readonly defaultStepMs: number;
}

/** Steps of one query: Prometheus' own limit is 11,000. */
const stepsTogether = 10_000;

/**
 * Evaluates rules over a store as Prometheus does: groups at their intervals, rules in their order, what recording rules give
 * is there for others. Each rule is evaluated over all times at once where nothing that it reads depends on it.
 */
export function runRules(
  groups: readonly RuleGroupDefinition[],
  store: BacktestStore,
  options: RunOptions,
): RuleRun[] {
  const writesAlerts = readAlerts(
    groups.flatMap((group) =>
      group.rules.map((definition) => ({ definition, grid: gridOf(group, options) })),
    ),
  );
  const runners: Runner[] = [];
  for (const group of groups) {
    const grid = gridOf(group, options);
    for (const rule of group.rules)
      runners.push(new Runner(rule, { index: runners.length, group, grid, store, options, writesAlerts }));
  }
  for (const { rules, together } of orderOf(runners)) {
    const some = rules.map((index) => runners[index]!);
    for (const runner of some)
      runner.source = store.seenLate(
        (writer) => !rules.includes(writer) && isLate(runners, runner.index, writer),
      );
    if (together || !some[0]!.evaluateAll()) inTurns(some);
  }
  return runners.map((runner) => runner.result());
}

function gridOf(group: RuleGroupDefinition, { start, end, phaseOf }: RunOptions): Grid {
  const step = group.intervalMs;
  const phase = phaseOf(group);
  const first = phase + Math.ceil((start - phase) / step) * step;
  return { start: first, step, count: Math.max(0, Math.floor((end - first) / step) + 1) };
}

/** Rules that depend on each other: time by time, of one time in their order. */
function inTurns(runners: readonly Runner[]): void {
  const times = new Set<number>();
  for (const { grid } of runners)
    for (let step = 0; step < grid.count; step++) times.add(grid.start + step * grid.step);
  for (const time of [...times].sort((a, b) => a - b))
    for (const runner of runners) if (runner.isDue(time)) runner.evaluate(time);
}

class Runner {
  readonly definition: RuleDefinition;
  readonly grid: Grid;
  /** Its place among all rules. */
  readonly index: number;
  /** What it reads. */
  source: SeriesSource;
  readonly #group: RuleGroupDefinition;
  readonly #writer: SampleWriter | undefined;
  readonly #query: Query;
  readonly #alerting: AlertingRule | undefined;
  readonly #limits: QueryLimits;
  readonly #evaluation: AlertEvaluation;
  readonly #ended: Episode[] = [];
  #failed: RuleRun['failed'];

  constructor(
    definition: RuleDefinition,
    parts: {
      index: number;
      group: RuleGroupDefinition;
      grid: Grid;
      store: BacktestStore;
      options: RunOptions;
      writesAlerts: boolean;
    },
  ) {
    const { group, store } = parts;
    this.definition = definition;
    this.grid = parts.grid;
    this.#group = group;
    this.source = store;
    this.index = parts.index;
    this.#query = new Query(definition.expr);
    this.#limits = { defaultStepMs: parts.options.defaultStepMs };
    const { queryOffsetMs, limit } = group;
    this.#evaluation = {
      ...{ limits: this.#limits, templateLimits: this.#limits, queryOffsetMs, limit },
      externalLabels: LabelSet.empty,
      externalUrl: () => '',
    };
    if (definition.kind === 'recording') this.#writer = store.writer(parts.index, [definition.name]);
    else {
      this.#alerting = new AlertingRule({ ...definition, annotations: {} }, this.#query);
      if (parts.writesAlerts) this.#writer = store.writer(parts.index, alertMetrics);
    }
  }

  isDue(time: number): boolean {
    const { start, step, count } = this.grid;
    return time >= start && time < start + count * step && (time - start) % step === 0;
  }

  /** One evaluation. One that fails changes nothing, as in Prometheus. */
  evaluate(time: number): void {
    this.#attempt(() => {
      const value = this.#query.instant(this.source, time - this.#group.queryOffsetMs, this.#limits);
      if (this.#alerting) return this.#take(this.#alerting, resultsOf(value), time);
      if (value.type !== 'vector' && value.type !== 'scalar')
        throw new PromqlError('execution', 'rule result is not a vector or scalar');
      const samples = resultsOf(value).map((one) => ({ ...one, labels: this.#recorded(one.labels) }));
      const { limit } = this.#group;
      if (limit > 0 && samples.length > limit)
        throw new PromqlError('execution', `exceeded limit of ${limit} with ${samples.length} series`);
      this.#check(samples);
      this.#writer!.write(samples, time);
    });
  }

  /** All evaluations at once; false, and nothing done, if one of them fails, or might by the group's limit. */
  evaluateAll(): boolean {
    if (!this.#alerting && this.#group.limit > 0) return false;
    try {
      const all = this.#ranges();
      if (this.#alerting) this.#takeAll(this.#alerting, all);
      else {
        const recorded = all.map((one) => ({ ...one, labels: this.#recorded(one.labels) }));
        this.#check(recorded);
        this.#writer!.writeAll(recorded, this.grid, this.#group.queryOffsetMs);
      }
      return true;
    } catch (error) {
      if (error instanceof PromqlError) return false;
      throw error;
    }
  }

  result(): RuleRun {
    const { start, step, count } = this.grid;
    const last = start + (count - 1) * step;
    const going = (this.#alerting?.alerts ?? []).map((alert) => ({ alert, endedAt: undefined }));
    return {
      ...{ definition: this.definition, group: this.#group, from: start, until: last },
      episodes: [...this.#ended, ...going],
      ...(this.#failed && { failed: this.#failed }),
    };
  }

  #ranges(): RangeSeries[] {
    const { start, step, count } = this.grid;
    const offset = this.#group.queryOffsetMs;
    const parts: RangeSeries[][] = [];
    for (let from = 0; from < count; from += stepsTogether) {
      const to = Math.min(count, from + stepsTogether) - 1;
      const times = { start: start + from * step - offset, end: start + to * step - offset, step };
      parts.push(this.#query.range(this.source, times, this.#limits));
    }
    return parts.length === 1 ? parts[0]! : joined(parts.flat());
  }

  #takeAll(alerting: AlertingRule, all: readonly RangeSeries[]): void {
    const { start, step, count } = this.grid;
    const results = new Map<number, Sample[]>();
    for (const { labels, times, values } of all) {
      for (let at = 0; at < times.length; at++) {
        const time = times[at]! + this.#group.queryOffsetMs;
        const known = results.get(time);
        if (known) known.push({ labels, value: values[at]! });
        else results.set(time, [{ labels, value: values[at]! }]);
      }
    }
    for (let time = start; time < start + count * step; time += step) {
      const found = results.get(time);
      if (found || alerting.alerts.length > 0) this.#attempt(() => this.#take(alerting, found ?? [], time));
    }
  }

  #take(alerting: AlertingRule, results: readonly Sample[], time: number): void {
    const ended = alerting.take(results, this.source, time, this.#evaluation);
    for (const alert of ended) this.#ended.push({ alert, endedAt: time });
    this.#writer?.write(alerting.samples, time);
  }

  #recorded(labels: LabelSet): LabelSet {
    return labels.with({ ...this.definition.labels, __name__: this.definition.name });
  }

  #check(all: readonly { labels: LabelSet }[]): void {
    if (new Set(all.map(({ labels }) => labels.key)).size < all.length)
      throw new PromqlError(
        'execution',
        'vector contains metrics with the same labelset after applying rule labels',
      );
  }

  #attempt(evaluation: () => void): void {
    try {
      evaluation();
    } catch (error) {
      this.#failed = { why: (error as Error).message, times: (this.#failed?.times ?? 0) + 1 };
    }
  }
}

/** Of parts of time, in order: each label set once. */
function joined(parts: readonly RangeSeries[]): RangeSeries[] {
  const found = new Map<string, RangeSeries>();
  for (const part of parts) {
    const known = found.get(part.labels.key);
    const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
    const { labels, times, values } = part;
    found.set(
      labels.key,
      known ? { labels, times: join(known.times, times), values: join(known.values, values) } : part,
    );
  }
  return [...found.values()];
}

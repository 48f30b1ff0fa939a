import { Annotations } from './annotations.ts';
import { PromqlError } from './error.ts';
import type { RangeSeries } from './evaluate/columns.ts';
import { Evaluation, type SelectionCache } from './evaluate/evaluate.ts';
import { SampleBudget } from './evaluate/sample-budget.ts';
import { atOnce, type Steps } from './evaluate/steps.ts';
import type { Evaluated } from './evaluate/table.ts';
import type { SeriesSource } from './series/source.ts';
import type { Expr } from './syntax/ast.ts';
import { parse } from './syntax/parse.ts';
import { typeOf } from './syntax/types.ts';
import type { Value } from './value.ts';

/** Prometheus' query.lookback-delta. */
const LOOKBACK_MS = 5 * 60_000;

/** Prometheus' own limit of steps in a range query. */
const MAXIMUM_POINTS = 11_000;

/** Prometheus' query.max-samples is 50 million. It is a server of its own: this one shares its memory with others. */
const MAXIMUM_SAMPLES = 5_000_000;

export interface QueryLimits {
  /** How far back an instant selector looks, ms. */
  readonly lookbackMs?: number;
  /** Resolution of subqueries without one, ms. */
  readonly defaultStepMs?: number;
  /** Samples that subqueries and the result may hold; default 5 million. */
  readonly maximumSamples?: number;
  /** Takes the remarks on the query; see `annotations()`. */
  readonly annotations?: Annotations;
  /**
   * Begins the evaluation of a query. What it returns is asked often: true when it is time to let others go on, which ends
   * a step. It may throw PromqlError to give up.
   */
  readonly pace?: () => () => boolean;
}

export type { RangeSeries };

/** A parsed expression that can be evaluated again and again. */
export class Query {
  readonly expr: Expr;
  readonly #cache: SelectionCache = new WeakMap();
  readonly #text: string | undefined;

  /** Throws PromqlError on text that is no PromQL. */
  constructor(source: string | Expr) {
    this.expr = typeof source === 'string' ? parse(source) : source;
    this.#text = typeof source === 'string' ? source : undefined;
  }

  /** A place for remarks on this query. */
  annotations(): Annotations {
    return new Annotations(this.#text);
  }

  /** @param time ms since epoch */
  instant(source: SeriesSource, time: number, limits: QueryLimits = {}): Value {
    return atOnce(this.instantSteps(source, time, limits));
  }

  /** As `instant`, for work that has turns. */
  *instantSteps(source: SeriesSource, time: number, limits: QueryLimits = {}): Steps<Value> {
    const evaluation = this.#evaluation(source, time, time, limits);
    return atOneTime(yield* evaluation.value(this.expr, { start: time, step: 0, count: 1 }));
  }

  /** At start, start + step, … up to end (ms since epoch). Throws PromqlError for more than 11,000 steps. */
  range(
    source: SeriesSource,
    times: { readonly start: number; readonly end: number; readonly step: number },
    limits: QueryLimits = {},
  ): RangeSeries[] {
    return atOnce(this.rangeSteps(source, times, limits));
  }

  /** As `range`, for work that has turns. */
  *rangeSteps(
    source: SeriesSource,
    { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
    limits: QueryLimits = {},
  ): Steps<RangeSeries[]> {
    const type = typeOf(this.expr);
    if (type !== 'scalar' && type !== 'instant vector') {
      throw new PromqlError(
        'bad_data',
        `invalid expression type "${type}" for range query, must be Scalar or instant Vector`,
      );
    }
    if ((end - start) / step > MAXIMUM_POINTS) {
      throw new PromqlError(
        'bad_data',
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      );
    }
    if (step < 1) throw new PromqlError('execution', `expected a step of at least 1 ms, got ${step} ms`);
    const evaluation = this.#evaluation(source, start, end, limits);
    const count = Math.max(0, Math.floor((end - start) / step) + 1);
    const series = yield* evaluation.series(this.expr, { start, step, count });
    return series.sort((a, b) => (a.labels.key < b.labels.key ? -1 : 1));
  }

  #evaluation(source: SeriesSource, start: number, end: number, limits: QueryLimits): Evaluation {
    return new Evaluation({
      source,
      start,
      end,
      cache: this.#cache,
      lookbackMs: limits.lookbackMs ?? LOOKBACK_MS,
      defaultStepMs: limits.defaultStepMs ?? 60_000,
      pause: limits.pace?.() ?? (() => false),
      annotations: limits.annotations ?? this.annotations(),
      budget: new SampleBudget(limits.maximumSamples ?? MAXIMUM_SAMPLES),
    });
  }
}

/** Of a grid that has one time. */
function atOneTime(evaluated: Evaluated): Value {
  switch (evaluated.type) {
    case 'scalar':
      return { type: 'scalar', value: evaluated.values[0]! };
    case 'string':
      return evaluated;
    case 'vector': {
      const { rows, has, values } = evaluated;
      const samples = [];
      for (let row = 0; row < rows.length; row++)
        if (has[row] === 1) samples.push({ labels: rows[row]!, value: values[row]! });
      return { type: 'vector', samples };
    }
    case 'matrix': {
      const { rows, windows } = evaluated;
      const present = rows.flatMap((labels, row) => {
        const { times, values, from, to } = windows[row]!;
        return from < to ? [{ labels, times, values, from, to }] : [];
      });
      return { type: 'matrix', windows: present };
    }
  }
}

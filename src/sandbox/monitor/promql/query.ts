import { LabelSet } from '../tsdb/labels.ts';
import type { SeriesSource } from '../tsdb/storage.ts';
import { Annotations } from './annotations.ts';
import type { Expr } from './ast.ts';
import { distinct } from './distinct.ts';
import { PromqlError } from './error.ts';
import { type EvaluationOptions, evaluate, type SelectionCache } from './evaluate.ts';
import { parse } from './parse.ts';
import { SampleBudget } from './sample-budget.ts';
import { atOnce, inTurns, type Steps, Turn } from './turns.ts';
import { typeOf } from './types.ts';
import type { Sample, Value } from './value.ts';

/** Prometheus' query.lookback-delta. */
const LOOKBACK_MS = 5 * 60_000;

/** Prometheus' own limit of steps in a range query. */
const MAXIMUM_POINTS = 11_000;

/**
 * Prometheus' query.max-samples is 50 million and its query.timeout two minutes. It is a server of its own: this one
 * shares a thread and its memory with the API server and everything else of the sandbox.
 */
const MAXIMUM_SAMPLES = 5_000_000;
const TIMEOUT_MS = 10_000;

export interface QueryLimits {
  /** How far back an instant selector looks, ms. */
  readonly lookbackMs?: number;
  /** Resolution of subqueries without one, ms. */
  readonly defaultStepMs?: number;
  /** Gives up with a time-out error after this many ms, at most the sandbox's own limit. */
  readonly timeoutMs?: number;
  /** Samples that subqueries and the result may hold; default 5 million. */
  readonly maximumSamples?: number;
  /** Takes the remarks on the query; see `annotations()`. */
  readonly annotations?: Annotations;
  /** Gives up when it is aborted: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

export interface RangeSeries {
  readonly labels: LabelSet;
  /** ms since epoch. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

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
    return atOnce(this.steps(source, time, limits));
  }

  /** As `instant`, with turns for the rest of the process in between. */
  instantInTurns(source: SeriesSource, time: number, limits: QueryLimits = {}): Promise<Value> {
    return inTurns(this.steps(source, time, limits));
  }

  /** As `instant`, for work that has turns itself. */
  *steps(source: SeriesSource, time: number, limits: QueryLimits = {}): Steps<Value> {
    const value = yield* evaluate(this.expr, time, this.#options(source, time, time, limits));
    if (value.type === 'vector') distinct(value.samples);
    return value;
  }

  /**
   * At start, start + step, … up to end (ms since epoch), with turns for the rest of the process in between. Throws
   * PromqlError for more than 11,000 steps.
   */
  range(
    source: SeriesSource,
    start: number,
    end: number,
    step: number,
    limits: QueryLimits = {},
  ): Promise<RangeSeries[]> {
    return inTurns(this.#rangeSteps(source, { start, end, step }, limits));
  }

  *#rangeSteps(
    source: SeriesSource,
    { start, end, step }: { start: number; end: number; step: number },
    limits: QueryLimits,
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
    const options = this.#options(source, start, end, limits);
    const series = new Map<string, { labels: LabelSet; times: number[]; values: number[] }>();
    for (let index = 0; index <= (end - start) / step; index++) {
      if (options.pause()) yield;
      const time = start + index * step;
      const { held } = options.budget;
      const value = yield* evaluate(this.expr, time, options);
      if (value.type === 'vector') distinct(value.samples);
      const samples = samplesOf(value);
      options.budget.keep(samples.length, held);
      for (const { labels, value: number } of samples) {
        let one = series.get(labels.key);
        if (!one) {
          one = { labels, times: [], values: [] };
          series.set(labels.key, one);
        }
        one.times.push(time);
        one.values.push(number);
      }
    }
    return [...series.keys()].sort().map((key) => series.get(key)!);
  }

  #options(source: SeriesSource, start: number, end: number, limits: QueryLimits): EvaluationOptions {
    const turn = new Turn();
    const deadline = performance.now() + Math.min(limits.timeoutMs ?? TIMEOUT_MS, TIMEOUT_MS);
    return {
      source,
      start,
      end,
      cache: this.#cache,
      lookbackMs: limits.lookbackMs ?? LOOKBACK_MS,
      defaultStepMs: limits.defaultStepMs ?? 60_000,
      pause: () => {
        if (!turn.isOver) return false;
        if (limits.signal?.aborted) throw new PromqlError('canceled', 'query was canceled');
        if (performance.now() > deadline)
          throw new PromqlError('timeout', 'query timed out in expression evaluation');
        return true;
      },
      annotations: limits.annotations ?? this.annotations(),
      budget: new SampleBudget(limits.maximumSamples ?? MAXIMUM_SAMPLES),
    };
  }
}

function samplesOf(value: Value): readonly Sample[] {
  if (value.type === 'vector') return value.samples;
  return value.type === 'scalar' ? [{ labels: LabelSet.empty, value: value.value }] : [];
}

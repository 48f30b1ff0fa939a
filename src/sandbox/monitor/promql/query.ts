import { setImmediate as nextTurn } from 'node:timers/promises';
import { LabelSet } from '../tsdb/labels.ts';
import type { SeriesSource } from '../tsdb/storage.ts';
import type { Expr } from './ast.ts';
import { distinct } from './distinct.ts';
import { PromqlError } from './error.ts';
import { evaluate, type SelectionCache } from './evaluate.ts';
import { parse } from './parse.ts';
import { typeOf } from './types.ts';
import type { Sample, Value } from './value.ts';

/** Prometheus' query.lookback-delta. */
const LOOKBACK_MS = 5 * 60_000;

/** How long a query may keep the event loop to itself, ms. */
const LONGEST_TURN_MS = 10;

export interface QueryLimits {
  /** How far back an instant selector looks, ms. */
  readonly lookbackMs?: number;
  /** Resolution of subqueries without one, ms. */
  readonly defaultStepMs?: number;
  /** Gives up with a time-out error after this many ms of `now`. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

export interface RangeSeries {
  readonly labels: LabelSet;
  /** Pairs of ms since epoch and value. */
  readonly points: readonly (readonly [number, number])[];
}

/** A parsed expression that can be evaluated again and again. */
export class Query {
  readonly expr: Expr;
  readonly #cache: SelectionCache = new WeakMap();

  /** Throws PromqlError on text that is no PromQL. */
  constructor(source: string | Expr) {
    this.expr = typeof source === 'string' ? parse(source) : source;
  }

  /** @param time ms since epoch */
  instant(source: SeriesSource, time: number, limits: QueryLimits = {}): Value {
    const value = evaluate(this.expr, time, this.#options(source, time, time, limits));
    if (value.type === 'vector') distinct(value.samples);
    return value;
  }

  /**
   * At start, start + step, … up to end (ms since epoch). Lets other work of the process go on in between: the
   * whole cluster lives in this event loop.
   */
  async range(
    source: SeriesSource,
    start: number,
    end: number,
    step: number,
    limits: QueryLimits = {},
  ): Promise<RangeSeries[]> {
    const type = typeOf(this.expr);
    if (type !== 'scalar' && type !== 'instant vector') {
      throw new PromqlError(
        'bad_data',
        `invalid expression type "${type}" for range query, must be Scalar or instant Vector`,
      );
    }
    const options = this.#options(source, start, end, limits);
    const series = new Map<string, { labels: LabelSet; points: [number, number][] }>();
    let resumed = performance.now();
    for (let time = start; time <= end; time += step) {
      options.checkpoint();
      if (performance.now() - resumed > LONGEST_TURN_MS) {
        await nextTurn();
        resumed = performance.now();
      }
      const value = evaluate(this.expr, time, options);
      if (value.type === 'vector') distinct(value.samples);
      for (const { labels, value: number } of samplesOf(value)) {
        let one = series.get(labels.key);
        if (!one) {
          one = { labels, points: [] };
          series.set(labels.key, one);
        }
        one.points.push([time, number]);
      }
    }
    return [...series.keys()].sort().map((key) => series.get(key)!);
  }

  #options(source: SeriesSource, start: number, end: number, limits: QueryLimits) {
    const now = limits.now ?? Date.now;
    const deadline = now() + (limits.timeoutMs ?? Infinity);
    return {
      source,
      start,
      end,
      cache: this.#cache,
      lookbackMs: limits.lookbackMs ?? LOOKBACK_MS,
      defaultStepMs: limits.defaultStepMs ?? 60_000,
      checkpoint: () => {
        if (now() > deadline) throw new PromqlError('timeout', 'query timed out in expression evaluation');
      },
    };
  }
}

function samplesOf(value: Value): readonly Sample[] {
  if (value.type === 'vector') return value.samples;
  return value.type === 'scalar' ? [{ labels: LabelSet.empty, value: value.value }] : [];
}

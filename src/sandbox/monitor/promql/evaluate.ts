import type { Series, Window } from '../tsdb/series.ts';
import type { SeriesSource } from '../tsdb/storage.ts';
import { labelsOfAbsent } from './absent.ts';
import { aggregate } from './aggregate.ts';
import type { Annotations } from './annotations.ts';
import type { At, Call, Expr, MatrixSelector, Subquery, VectorSelector } from './ast.ts';
import { binary } from './binary.ts';
import { PromqlError } from './error.ts';
import { type Extent, extentOf } from './extent.ts';
import { functions } from './functions/registry.ts';
import { type CallContext, quantileWarning } from './functions/signature.ts';
import type { SampleBudget } from './sample-budget.ts';
import type { Steps } from './turns.ts';
import type { Matrix, Sample, Value } from './value.ts';

/** Selections kept from one evaluation to the next, per selector, as long as no series came or went. */
export type SelectionCache = WeakMap<
  VectorSelector,
  { source: SeriesSource; generation: number; series: Series[] }
>;

export interface EvaluationOptions {
  readonly source: SeriesSource;
  /** How far back an instant selector looks, ms. */
  readonly lookbackMs: number;
  /** Resolution of a subquery that names none, ms. */
  readonly defaultStepMs: number;
  /** Start and end of the whole query, ms since epoch: what `@ start()` and `@ end()` mean. */
  readonly start: number;
  readonly end: number;
  readonly cache: SelectionCache;
  /** Asked often: true when it is time to let others go on. Throws to give up (time-out, cancelled). */
  readonly pause: () => boolean;
  readonly budget: SampleBudget;
  readonly annotations: Annotations;
}

/** The value of an expression at one time (ms since epoch). */
export function evaluate(expr: Expr, time: number, options: EvaluationOptions): Steps<Value> {
  return new Evaluation(options).value(expr, time);
}

/** Steps of a subquery that are simply tried. */
const FEW_STEPS = 1000;

class Evaluation {
  readonly #options: EvaluationOptions;

  constructor(options: EvaluationOptions) {
    this.#options = options;
  }

  *value(expr: Expr, time: number): Steps<Value> {
    if (this.#options.pause()) yield;
    switch (expr.kind) {
      case 'number':
        return { type: 'scalar', value: expr.value };
      case 'string':
        return { type: 'string', value: expr.value };
      case 'paren':
        return yield* this.value(expr.expr, time);
      case 'selector':
        return { type: 'vector', samples: this.#instant(expr, time) };
      case 'matrix':
        return this.#range(expr, time);
      case 'subquery':
        return yield* this.#subquery(expr, time);
      case 'unary':
        return negated(expr.op, yield* this.value(expr.expr, time));
      case 'binary':
        return binary(expr, yield* this.value(expr.left, time), yield* this.value(expr.right, time));
      case 'aggregation': {
        const param = expr.param && (yield* this.value(expr.param, time));
        if (expr.op === 'quantile' && param?.type === 'scalar' && !(param.value >= 0 && param.value <= 1))
          this.#options.annotations.warn(quantileWarning(param.value), expr.param?.from ?? 0);
        return aggregate(expr, param, yield* this.#samples(expr.expr, time));
      }
      case 'call':
        return yield* this.#call(expr, time);
    }
  }

  *#samples(expr: Expr, time: number): Steps<readonly Sample[]> {
    const value = yield* this.value(expr, time);
    if (value.type !== 'vector') throw new TypeError(`Expected an instant vector, got ${value.type}`);
    return value.samples;
  }

  #select(selector: VectorSelector): Series[] {
    const { cache, source } = this.#options;
    const known = cache.get(selector);
    if (known?.source === source && known.generation === source.generation) return known.series;
    const series = source.select(selector.matchers);
    cache.set(selector, { source, generation: source.generation, series });
    return series;
  }

  #anchor(at: At | undefined, time: number): number {
    if (at === undefined) return time;
    if (at === 'start') return this.#options.start;
    return at === 'end' ? this.#options.end : at;
  }

  #instant(selector: VectorSelector, time: number): Sample[] {
    const reference = this.#anchor(selector.at, time) - selector.offsetMs;
    const samples: Sample[] = [];
    for (const series of this.#select(selector)) {
      const found = series.at(reference, this.#options.lookbackMs);
      if (found) samples.push({ labels: series.labels, value: found.value, time: found.time });
    }
    return samples;
  }

  #range({ selector, rangeMs }: MatrixSelector, time: number): Matrix {
    const end = this.#anchor(selector.at, time) - selector.offsetMs;
    const start = end - rangeMs;
    const windows: Window[] = [];
    for (const series of this.#select(selector)) {
      const window = series.window(start, end);
      if (window) windows.push(window);
    }
    return { type: 'matrix', windows, start, end };
  }

  /** Steps are at absolute multiples of the resolution, in (start, end], whatever the evaluation time. */
  *#subquery(query: Subquery, time: number): Steps<Matrix> {
    const { pause, budget, defaultStepMs } = this.#options;
    const end = this.#anchor(query.at, time) - query.offsetMs;
    const start = end - query.rangeMs;
    const step = query.stepMs ?? defaultStepMs;
    const collected = new Map<string, { labels: Sample['labels']; times: number[]; values: number[] }>();
    const extent = (end - start) / step > FEW_STEPS ? this.#extent(query.expr) : undefined;
    const first = Math.floor(Math.max(start, (extent?.from ?? start) - 1) / step) + 1;
    const last = Math.floor(Math.min(end, extent?.to ?? end) / step);
    // Nearly all expressions that can be something at so many times are something there.
    budget.check(last - first);
    for (let index = first; index <= last; index++) {
      if (pause()) yield;
      const at = index * step;
      const { held } = budget;
      const samples = yield* this.#samples(query.expr, at);
      budget.keep(samples.length, held);
      for (const { labels, value } of samples) {
        let series = collected.get(labels.key);
        if (!series) {
          series = { labels, times: [], values: [] };
          collected.set(labels.key, series);
        }
        if (series.times.at(-1) === at) {
          throw new PromqlError('execution', 'vector cannot contain metrics with the same labelset');
        }
        series.times.push(at);
        series.values.push(value);
      }
    }
    const windows = [...collected.values()].map((series) => ({
      ...series,
      from: 0,
      to: series.times.length,
    }));
    return { type: 'matrix', windows, start, end };
  }

  #extent(expr: Expr): Extent {
    const { lookbackMs, start, end } = this.#options;
    return extentOf(expr, { lookbackMs, start, end, select: (selector) => this.#select(selector) });
  }

  *#call(call: Call, time: number): Steps<Value> {
    if (call.name === 'absent' || call.name === 'absent_over_time') {
      const [argument] = call.args;
      const value = yield* this.value(argument!, time);
      const present =
        value.type === 'vector'
          ? value.samples.length > 0
          : value.type === 'matrix' && value.windows.length > 0;
      return {
        type: 'vector',
        samples: present ? [] : [{ labels: labelsOfAbsent(unwrapped(argument!)), value: 1 }],
      };
    }
    if (call.name === 'timestamp' && unwrapped(call.args[0]!).kind !== 'selector') {
      // Only a plain selector hands on when its samples were taken; anything else happened now.
      const samples = (yield* this.#samples(call.args[0]!, time)).map(({ labels, value }) => ({
        labels,
        value,
      }));
      return functions.get('timestamp')!.call([{ type: 'vector', samples }], this.#context(call, time));
    }
    const args: Value[] = [];
    for (const argument of call.args) args.push(yield* this.value(argument, time));
    return functions.get(call.name)!.call(args, this.#context(call, time));
  }

  #context({ args }: Call, time: number): CallContext {
    return { time, annotations: this.#options.annotations, places: args.map(({ from }) => from) };
  }
}

function unwrapped(expr: Expr): Expr {
  return expr.kind === 'paren' ? unwrapped(expr.expr) : expr;
}

/** The value with a sign before it. */
function negated(op: '-' | '+', value: Value): Value {
  if (op === '+') return value;
  if (value.type === 'scalar') return { type: 'scalar', value: -value.value };
  if (value.type !== 'vector') throw new TypeError(`Expected scalar or instant vector, got ${value.type}`);
  const samples = value.samples.map((sample) => ({
    labels: sample.labels.withoutName(),
    value: -sample.value,
  }));
  return { type: 'vector', samples };
}

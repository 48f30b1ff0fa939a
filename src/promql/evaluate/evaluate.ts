import type { Annotations } from '../annotations.ts';
import { functions } from '../functions/registry.ts';
import { type CallContext, checkQuantiles } from '../functions/signature.ts';
import { LabelSet } from '../series/labels.ts';
import type { SeriesSource } from '../series/source.ts';
import type { Aggregation, Call, Expr, Subquery, VectorSelector } from '../syntax/ast.ts';
import { absence } from './absent.ts';
import { aggregate, countValues } from './aggregate.ts';
import { binary } from './binary.ts';
import { cellsOf } from './cells.ts';
import { Columns, type RangeSeries } from './columns.ts';
import { type Extent, extentOf } from './extent.ts';
import { overRanges } from './over-ranges.ts';
import type { SampleBudget } from './sample-budget.ts';
import { instants, lookedAt, ranges, type Selection } from './select.ts';
import type { Steps } from './steps.ts';
import {
  type Evaluated,
  type Grid,
  mapped,
  type Ranges,
  singleRow,
  type Table,
  withoutNames,
} from './table.ts';

/** Selections kept from one evaluation to the next, per selector, as long as no series came or went. */
export type SelectionCache = WeakMap<VectorSelector, Selection>;

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

/**
 * Most cells of a table that are computed together: of more steps some at a time. What is done once a series instead of
 * once a step pays off long before; more would take memory, and keep others waiting.
 */
const MOST_CELLS = 250_000;

const NO_LABELS = [LabelSet.empty];

/** Evaluates expressions at all times of a grid together, each part of them once. */
export class Evaluation {
  readonly #options: EvaluationOptions;

  constructor(options: EvaluationOptions) {
    this.#options = options;
  }

  /** The values of a scalar or an instant vector over time. */
  *series(expr: Expr, grid: Grid): Steps<RangeSeries[]> {
    const { budget } = this.#options;
    const columns = new Columns(grid.count, budget);
    const most = this.#stepsTogether(expr, grid);
    for (let first = 0; first < grid.count; first += most) {
      const part = {
        ...grid,
        start: grid.start + first * grid.step,
        count: Math.min(most, grid.count - first),
      };
      const mark = budget.held;
      const value = yield* this.value(expr, part);
      budget.release(mark);
      columns.add(value.type === 'scalar' ? singleRow(NO_LABELS, value.values) : tableOf(value), part);
    }
    return columns.result();
  }

  *value(expr: Expr, grid: Grid): Steps<Evaluated> {
    if (this.#options.pause()) yield;
    switch (expr.kind) {
      case 'number':
        return { type: 'scalar', values: new Float64Array(grid.count).fill(expr.value) };
      case 'string':
        return { type: 'string', value: expr.value };
      case 'paren':
        return yield* this.value(expr.expr, grid);
      case 'selector':
        return yield* this.#instants(expr, grid, false);
      case 'matrix': {
        const ends = lookedAt(expr.selector, grid, this.#options);
        const { pause } = this.#options;
        return yield* ranges(this.#select(expr.selector), ends, { rangeMs: expr.rangeMs, pause });
      }
      case 'subquery':
        return yield* this.#subquery(expr, grid);
      case 'unary': {
        const value = yield* this.value(expr.expr, grid);
        if (expr.op === '+') return value;
        if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((one) => -one) };
        return withoutNames(mapped(tableOf(value), (one) => -one));
      }
      case 'binary':
        return binary(expr, yield* this.value(expr.left, grid), yield* this.value(expr.right, grid));
      case 'aggregation':
        return yield* this.#aggregation(expr, grid);
      case 'call':
        return yield* this.#call(expr, grid);
    }
  }

  #select(selector: VectorSelector): Selection {
    const { cache, source } = this.#options;
    const known = cache.get(selector);
    if (known?.source === source && known.generation === source.generation) return known;
    const series = source.select(selector.matchers);
    const selection = {
      source,
      generation: source.generation,
      series,
      rows: series.map(({ labels }) => labels),
    };
    cache.set(selector, selection);
    return selection;
  }

  #instants(selector: VectorSelector, grid: Grid, wantsTime: boolean): Steps<Table> {
    const { lookbackMs, pause } = this.#options;
    const at = lookedAt(selector, grid, this.#options);
    return instants(this.#select(selector), at, { lookbackMs, pause, wantsTime });
  }

  /** Steps are at absolute multiples of the resolution, in (start, end], whatever the evaluation time. */
  *#subquery(query: Subquery, grid: Grid): Steps<Ranges> {
    const ends = lookedAt(query, grid, this.#options);
    const step = query.stepMs ?? this.#options.defaultStepMs;
    const extent = this.#extent(query.expr);
    const from = Math.max(ends.start - query.rangeMs, extent.from - 1);
    const to = Math.min(ends.start + (ends.count - 1) * ends.step, extent.to);
    const first = Math.floor(from / step) + 1;
    const count = Math.max(0, Math.floor(to / step) - first + 1);
    // Nearly all expressions that can be something at so many times are something there.
    this.#options.budget.check(count);
    const series = yield* this.series(query.expr, { start: first * step, step, count });
    return {
      type: 'matrix',
      rows: series.map(({ labels }) => labels),
      windows: series.map(({ times, values }) => ({ times, values, from: 0, to: times.length })),
      rangeMs: query.rangeMs,
      ends,
    };
  }

  #extent(expr: Expr): Extent {
    const { lookbackMs, start, end } = this.#options;
    return extentOf(expr, { lookbackMs, start, end, select: (selector) => this.#select(selector).series });
  }

  #stepsTogether(expr: Expr, grid: Grid): number {
    const world = {
      defaultStepMs: this.#options.defaultStepMs,
      rowsOf: (selector: VectorSelector) => this.#select(selector).rows.length,
    };
    let count = grid.count;
    while (count > 1 && cellsOf(expr, { ...grid, count }, world) > MOST_CELLS) count = Math.ceil(count / 2);
    return Math.max(1, count);
  }

  *#aggregation(expr: Aggregation, grid: Grid): Steps<Table> {
    const parameter = expr.param && (yield* this.value(expr.param, grid));
    const scalars = parameter?.type === 'scalar' ? parameter.values : undefined;
    if (expr.op === 'quantile' && scalars)
      checkQuantiles(scalars, { annotations: this.#options.annotations, places: [expr.param?.from ?? 0] });
    const table = tableOf(yield* this.value(expr.expr, grid));
    if (expr.op !== 'count_values') return aggregate(expr, scalars, table);
    return countValues(expr, parameter?.type === 'string' ? parameter.value : '', table);
  }

  *#call(call: Call, grid: Grid): Steps<Evaluated> {
    const { budget, annotations, pause } = this.#options;
    const [first] = call.args;
    const selector = first && unwrapped(first);
    if (call.name === 'timestamp' && selector?.kind === 'selector')
      return withoutNames(yield* this.#instants(selector, grid, true));
    const mark = budget.held;
    const args: Evaluated[] = [];
    for (const argument of call.args) args.push(yield* this.value(argument, grid));
    budget.release(mark);
    if (call.name === 'absent' || call.name === 'absent_over_time')
      return absence(selector!, args[0]!, grid.count);
    const known = functions.get(call.name)!;
    const places = call.args.map(({ from }) => from);
    const context: CallContext = { grid, annotations, places, call };
    if ('call' in known) return known.call(args, context);
    known.remark?.(args, context);
    return yield* overRanges(known, args, { grid, pause });
  }
}

function tableOf(value: Evaluated): Table {
  if (value.type !== 'vector') throw new TypeError(`Expected an instant vector, got ${value.type}`);
  return value;
}

function unwrapped(expr: Expr): Expr {
  return expr.kind === 'paren' ? unwrapped(expr.expr) : expr;
}

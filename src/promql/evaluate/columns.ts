import type { LabelSet } from '../series/labels.ts';
import type { SampleBudget } from './sample-budget.ts';
import { type Grid, sameLabels, type Table } from './table.ts';

/** Values of one label set over time. Times are ms since epoch. */
export interface RangeSeries {
  readonly labels: LabelSet;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

interface Column {
  readonly labels: LabelSet;
  times: Float64Array;
  values: Float64Array;
  length: number;
}

/** Puts tables of one time span after another together: for each label set the times that have a value. */
export class Columns {
  readonly #columns = new Map<string, Column>();
  readonly #budget: SampleBudget;
  readonly #count: number;

  /** @param count times that there are in all */
  constructor(count: number, budget: SampleBudget) {
    this.#count = count;
    this.#budget = budget;
  }

  /** Throws PromqlError if it becomes too much. */
  add({ rows, count, values, has }: Table, grid: Grid): void {
    for (const [row, labels] of rows.entries()) {
      let samples = 0;
      for (let cell = row * count; cell < (row + 1) * count; cell++) samples += has[cell]!;
      if (samples === 0) continue;
      this.#budget.hold(samples);
      const column = this.#column(labels, samples);
      if (column.length > 0 && column.times[column.length - 1]! >= grid.start) throw sameLabels();
      for (let step = 0, cell = row * count; step < count; step++, cell++) {
        if (has[cell] === 0) continue;
        column.times[column.length] = grid.start + step * grid.step;
        column.values[column.length++] = values[cell]!;
      }
    }
  }

  result(): RangeSeries[] {
    return [...this.#columns.values()].map(({ labels, times, values, length }) => ({
      labels,
      times: length === times.length ? times : times.slice(0, length),
      values: length === times.length ? values : values.slice(0, length),
    }));
  }

  #column(labels: LabelSet, more: number): Column {
    let column = this.#columns.get(labels.key);
    if (!column) {
      column = { labels, times: new Float64Array(more), values: new Float64Array(more), length: 0 };
      this.#columns.set(labels.key, column);
    } else if (column.length + more > column.times.length) {
      const size = Math.min(this.#count, Math.max(column.length + more, column.length * 2));
      const [times, values] = [new Float64Array(size), new Float64Array(size)];
      times.set(column.times);
      values.set(column.values);
      Object.assign(column, { times, values });
    }
    return column;
  }
}

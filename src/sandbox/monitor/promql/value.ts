import type { LabelSet } from '../tsdb/labels.ts';
import type { Window } from '../tsdb/series.ts';

export interface Sample {
  readonly labels: LabelSet;
  readonly value: number;
  /** When the sample was taken (ms since epoch), if it comes straight from a series. */
  readonly time?: number;
}

/** Samples of a range (start, end], ms since epoch. */
export interface Matrix {
  readonly type: 'matrix';
  readonly windows: readonly Window[];
  readonly start: number;
  readonly end: number;
}

export type Value =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly samples: readonly Sample[] }
  | Matrix;

/** Prometheus' text of a sample value: Go's shortest float, exponents from 1e+21 and below 1e-6. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  if (Object.is(value, -0)) return '-0';
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A sample value or bucket bound as the text formats write it; undefined if it is no number. */
export function parseValue(text: string): number | undefined {
  const named = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
  if (named) return named[2]!.toLowerCase() === 'nan' ? Number.NaN : named[1] === '-' ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

import type { LabelSet } from './series/labels.ts';
import type { Window } from './series/source.ts';

export interface Sample {
  readonly labels: LabelSet;
  readonly value: number;
}

/** What an expression is at one time. The samples of a range vector are those of a range (start, end]. */
export type Value =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly samples: readonly Sample[] }
  | { readonly type: 'matrix'; readonly windows: readonly (Window & { readonly labels: LabelSet })[] };

/** Prometheus' text of a sample value: Go's shortest float, exponents from 1e+21 and below 1e-6. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const size = Math.abs(value);
  return size < 1e21 && size >= 1e-6 ? String(value) : String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A sample value or bucket bound as the text formats write it; undefined if it is no number. */
export function parseValue(text: string): number | undefined {
  const named = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
  if (named) return named[2]!.toLowerCase() === 'nan' ? Number.NaN : named[1] === '-' ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

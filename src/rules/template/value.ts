import { LabelSet } from '../../promql/series/labels.ts';
import type { Sample } from '../../promql/value.ts';
import { shortest } from './go-number.ts';

/**
 * A value in a template: Go's float64 is a number, its int a bigint, a map a Map (of labels: a LabelSet), a time a Date,
 * no value undefined.
 */
export type Datum =
  | undefined
  | string
  | number
  | bigint
  | boolean
  | Date
  | LabelSet
  | Sample
  | readonly Datum[]
  | ReadonlyMap<string, Datum>;

export function isList(datum: Datum): datum is readonly Datum[] {
  return Array.isArray(datum);
}

/** An element of what `query` gives. */
export function isSample(datum: Datum): datum is Sample {
  return typeof datum === 'object' && 'labels' in datum && 'value' in datum;
}

/** The entries of a map by name; undefined for anything else. */
export function entriesOf(datum: Datum): [string, Datum][] | undefined {
  if (datum instanceof LabelSet) return [...datum];
  if (datum instanceof Map) return [...datum].sort(([a], [b]) => (a < b ? -1 : 1));
  return undefined;
}

/** Whether an `if` takes it: not false, zero, empty or nil. */
export function isTrue(datum: Datum): boolean {
  if (datum === undefined || datum === false || datum === '' || datum === 0 || datum === 0n) return false;
  if (isList(datum)) return datum.length > 0;
  const entries = entriesOf(datum);
  return entries === undefined || entries.length > 0;
}

/** As Go's type is called in its messages. */
export function typeName(datum: Datum): string {
  if (datum === undefined) return '<nil>';
  if (typeof datum === 'number') return 'float64';
  if (typeof datum === 'bigint') return 'int';
  if (typeof datum === 'boolean') return 'bool';
  if (typeof datum === 'string') return 'string';
  if (datum instanceof Date) return 'time.Time';
  if (isSample(datum)) return '*template.sample';
  if (isList(datum)) return 'template.queryResult';
  return datum instanceof LabelSet ? 'map[string]string' : 'map[string]interface {}';
}

/** As Go prints it with %v. */
export function textOf(datum: Datum): string {
  if (datum === undefined) return '<no value>';
  if (typeof datum === 'string') return datum;
  if (typeof datum === 'number') return shortest(datum);
  if (typeof datum === 'bigint' || typeof datum === 'boolean') return String(datum);
  if (datum instanceof Date) return timeText(datum);
  if (isSample(datum)) return `{${textOf(datum.labels)} ${shortest(datum.value)}}`;
  if (isList(datum)) return `[${datum.map(textOf).join(' ')}]`;
  return `map[${(entriesOf(datum) ?? []).map(([name, value]) => `${name}:${textOf(value)}`).join(' ')}]`;
}

/** `2026-01-02 03:04:05.6 +0000 UTC`. */
export function timeText(date: Date): string {
  const [day, time] = date.toISOString().split('T');
  return `${day} ${time?.replace(/\.?0*Z$/, '')} +0000 UTC`;
}

import { isIP } from 'node:net';
import { parseDuration } from '../../promql/duration.ts';
import { Query, type QueryLimits } from '../../promql/query.ts';
import { LabelSet } from '../../promql/series/labels.ts';
import type { SeriesSource } from '../../promql/series/source.ts';
import { parseValue, type Sample } from '../../promql/value.ts';
import { compileRegex } from '../../regex.ts';
import { compare, equal } from './compare.ts';
import { htmlEscaped, jsEscaped, queryEscaped } from './escape.ts';
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from './humanize.ts';
import { printf } from './printf.ts';
import { type Datum, entriesOf, isList, isSample, isTrue, textOf, typeName } from './value.ts';

/** What a template is filled with. */
export interface TemplateScope {
  readonly labels: LabelSet;
  readonly value: number;
  readonly source: SeriesSource;
  /** ms since epoch. */
  readonly time: number;
  readonly limits: QueryLimits;
  /** `$externalLabels`; none if left out. */
  readonly externalLabels?: LabelSet;
  /** `$externalURL`, without a slash at its end; none if left out. */
  readonly externalUrl?: string;
}

type Call = (args: readonly Datum[], scope: TemplateScope) => Datum;

/** `fewest` and `most` arguments. */
interface TemplateFunction {
  readonly fewest: number;
  readonly most: number;
  readonly call: Call;
}

function of(fewest: number, most: number, call: Call): TemplateFunction {
  return { fewest, most, call };
}

/** Prometheus' functions (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/) and Go's own. */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({
    query: of(1, 1, ([text], scope) => query(string(text), scope)),
    first: of(1, 1, ([list]) => {
      const [first] = samples(list);
      if (!first) throw new Error('first() called on vector with no elements');
      return first;
    }),
    label: of(2, 2, ([name, one]) => sample(one).labels.get(string(name))),
    value: of(1, 1, ([one]) => sample(one).value),
    strvalue: of(1, 1, ([one]) => sample(one).labels.get('__value__')),
    sortByLabel: of(2, 2, ([name, list]) =>
      [...samples(list)].sort((a, b) => order(a.labels.get(string(name)), b.labels.get(string(name)))),
    ),
    args: of(0, Infinity, (args) => new Map(args.map((one, i): [string, Datum] => [`arg${i}`, one]))),

    humanize: of(1, 1, ([value]) => humanize(float(value))),
    humanize1024: of(1, 1, ([value]) => humanize1024(float(value))),
    humanizeDuration: of(1, 1, ([value]) => humanizeDuration(float(value))),
    humanizePercentage: of(1, 1, ([value]) => humanizePercentage(float(value))),
    humanizeTimestamp: of(1, 1, ([value]) => humanizeTimestamp(float(value))),
    toTime: of(1, 1, ([value]) => time(float(value))),
    toDuration: of(1, 1, ([value]) => humanizeDuration(float(value))),
    parseDuration: of(1, 1, ([text]) => seconds(string(text))),
    now: of(0, 0, (_, { time: at }) => at / 1000),

    title: of(1, 1, ([text]) =>
      string(text).replace(
        /(^|[^\p{L}\p{Nd}_'])(\p{Ll})/gu,
        (_, before: string, letter: string) => before + letter.toUpperCase(),
      ),
    ),
    toUpper: of(1, 1, ([text]) => string(text).toUpperCase()),
    toLower: of(1, 1, ([text]) => string(text).toLowerCase()),
    match: of(2, 2, ([pattern, text]) => compileRegex(string(pattern)).test(string(text))),
    reReplaceAll: of(3, 3, ([pattern, replacement, text]) =>
      compileRegex(string(pattern)).replaceAll(string(text), string(replacement)),
    ),
    stripPort: of(1, 1, ([text]) =>
      string(text).replace(/^\[?([^[\]]*?)\]?:[^:[\]]*$/, (whole, host: string) =>
        host.includes(':') && !whole.startsWith('[') ? whole : host,
      ),
    ),
    stripDomain: of(1, 1, ([text]) => withoutDomain(string(text))),
    graphLink: of(1, 1, ([expr]) => `/graph?g0.expr=${queryEscaped(string(expr))}&g0.tab=0`),
    tableLink: of(1, 1, ([expr]) => `/graph?g0.expr=${queryEscaped(string(expr))}&g0.tab=1`),
    externalURL: of(0, 0, (_, { externalUrl = '' }) => externalUrl),
    pathPrefix: of(0, 0, (_, { externalUrl = '' }) => /^\w+:\/\/[^/]*(.*)$/.exec(externalUrl)?.[1] ?? ''),
    safeHtml: of(1, 1, ([text]) => string(text)),

    print: of(0, Infinity, printed),
    println: of(0, Infinity, (args) => `${args.map(textOf).join(' ')}\n`),
    printf: of(1, Infinity, ([format, ...args]) => printf(string(format), args)),
    html: of(0, Infinity, (args) => htmlEscaped(args.map(textOf).join(''))),
    js: of(0, Infinity, (args) => jsEscaped(args.map(textOf).join(''))),
    urlquery: of(0, Infinity, (args) => queryEscaped(args.map(textOf).join(''))),
    not: of(1, 1, ([one]) => !isTrue(one)),
    len: of(1, 1, ([one]) => BigInt(lengthOf(one))),
    index: of(1, Infinity, ([from, ...keys]) => keys.reduce<Datum>(elementOf, from)),
    slice: of(1, 4, ([from, ...bounds]) => partOf(from, bounds)),
    eq: of(2, Infinity, ([one, ...others]) => others.some((other) => equal(one, other))),
    ne: of(2, 2, ([one, other]) => !equal(one, other)),
    lt: of(2, 2, ([one, other]) => compare(one, other) < 0),
    le: of(2, 2, ([one, other]) => compare(one, other) <= 0),
    gt: of(2, 2, ([one, other]) => compare(one, other) > 0),
    ge: of(2, 2, ([one, other]) => compare(one, other) >= 0),
  }),
);

/** Those and what the executor does itself: `and` and `or` stop early, `tmpl` runs a template, `call` has nothing to call. */
export const functionNames: ReadonlySet<string> = new Set([...functions.keys(), 'and', 'or', 'tmpl', 'call']);

/** Go puts a space between two of which neither is a text. */
function printed(args: readonly Datum[]): string {
  return args
    .map((one, i) => {
      const isApart = i > 0 && typeof one !== 'string' && typeof args[i - 1] !== 'string';
      return `${isApart ? ' ' : ''}${textOf(one)}`;
    })
    .join('');
}

function query(text: string, { source, time: at, limits }: TemplateScope): Datum {
  const result = new Query(text).instant(source, at, limits);
  if (result.type === 'scalar') return [{ labels: LabelSet.empty, value: result.value }];
  if (result.type !== 'vector') throw new Error('query result is not a vector or scalar');
  return result.samples.map(({ labels, value }) => ({ labels, value }));
}

function string(datum: Datum): string {
  if (typeof datum === 'string') return datum;
  throw new Error(`wrong type for value; expected string; got ${typeName(datum)}`);
}

function float(datum: Datum): number {
  if (typeof datum === 'number') return datum;
  if (typeof datum === 'bigint') return Number(datum);
  const number = typeof datum === 'string' ? parseValue(datum) : undefined;
  if (number === undefined) throw new Error(`can't convert ${JSON.stringify(textOf(datum))} to float`);
  return number;
}

function samples(datum: Datum): readonly Sample[] {
  if (isList(datum) && datum.every(isSample)) return datum;
  throw new Error(`wrong type for value; expected template.queryResult; got ${typeName(datum)}`);
}

function sample(datum: Datum): Sample {
  if (isSample(datum)) return datum;
  throw new Error(`wrong type for value; expected *template.sample; got ${typeName(datum)}`);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function time(value: number): Datum {
  if (!Number.isFinite(value) || Math.abs(value) > 8.64e12)
    throw new Error(`${textOf(value)} cannot be represented as a timestamp in nanoseconds since epoch`);
  return new Date(value * 1000);
}

function seconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`not a valid duration string: ${JSON.stringify(text)}`);
  return ms / 1000;
}

/** `till-a.shop.svc:80` is `till-a:80`; an address stays. */
function withoutDomain(text: string): string {
  const [, host = text, port = ''] = /^(.*?)(:\d+)?$/s.exec(text) ?? [];
  return isIP(host.replace(/^\[|\]$/g, '')) ? text : host.replace(/\..*$/s, '') + port;
}

function lengthOf(datum: Datum): number {
  if (typeof datum === 'string') return Buffer.byteLength(datum);
  if (isList(datum)) return datum.length;
  const entries = entriesOf(datum);
  if (entries) return entries.length;
  throw new Error(`len of type ${typeName(datum)}`);
}

function elementOf(from: Datum, key: Datum): Datum {
  const entries = entriesOf(from);
  if (entries)
    return entries.find(([name]) => name === string(key))?.[1] ?? (from instanceof LabelSet ? '' : undefined);
  const index = Number(key);
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  if (isList(from) && index >= 0 && index < from.length) return from[index];
  if (typeof from === 'string' && index >= 0 && index < from.length)
    return BigInt(Buffer.from(from)[index] ?? 0);
  if (isList(from) || typeof from === 'string') throw new Error(`index out of range: ${index}`);
  throw new Error(`can't index item of type ${typeName(from)}`);
}

function partOf(from: Datum, bounds: readonly Datum[]): Datum {
  const whole = typeof from === 'string' ? from : isList(from) ? from : undefined;
  if (whole === undefined) throw new Error(`can't slice item of type ${typeName(from)}`);
  const [start = 0, end = whole.length] = bounds.map(Number);
  if (!(start >= 0 && start <= end && end <= whole.length)) throw new Error('index out of range');
  return whole.slice(start, end) as Datum;
}

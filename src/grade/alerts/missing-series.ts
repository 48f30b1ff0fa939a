import type { MatrixSelector, VectorSelector } from '../../promql/syntax/ast.ts';
import { metricNames, parsed, selectorsIn } from '../../promql/syntax/parsed.ts';
import { walk } from '../../promql/syntax/walk.ts';
import type { AlertRule, Series } from '../../signal/series.ts';
import { formatDuration } from '../../words/duration.ts';
import { mistyped, nearest } from '../../words/nearest.ts';
import { duration } from '../../words/time.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { weights } from '../weights.ts';
import { ruleFix } from './rule-fix.ts';

/** Why there was nothing to compare. */
export interface Missing {
  /** The end of "X did not fire: …". */
  text: string;
  /** What would mend it, if one change of the expression would. */
  fix?: Fix;
}

/**
 * Why a rule's expression had no sample while the failure lasted: the first reason that the recording knows, in this
 * order, over its selectors and those of the recording rules that it reads: no metric of that name, no such label, no such
 * value, no series with all of them, a range that holds fewer than two samples, series that ended. The order is that of
 * pint's check promql/series. Undefined where the recording does not tell.
 */
export function missingSeries(rule: AlertRule, input: GradeInput, moments: Moments): Missing | undefined {
  const metrics = knownMetrics(input);
  const asked = queriesBelow(rule.query, input, new Set()).flatMap((query) =>
    selectorsIn(query).flatMap((selector): Asked[] => {
      const name = selector.matchers.find((one) => one.name === '__name__' && one.op === '=')?.value;
      return name === undefined ? [] : [{ name, query, selector, metric: metrics.get(name) }];
    }),
  );
  for (const reason of [noMetric, noLabels, shortRange, ended]) {
    for (const one of asked) {
      const found = reason(one, { names: metrics.keys(), moments });
      if (!found) continue;
      const { text, change } = found;
      // A recording rule is mended where it is, which is not known here.
      return { text, ...(change && one.query === rule.query && { fix: exprFix(rule, change, input) }) };
    }
  }
  return undefined;
}

/** A selector of a query: the rule's own, or that of a recording rule it reads. */
interface Asked {
  name: string;
  query: string;
  selector: VectorSelector;
  metric: Metric | undefined;
}

/** What the recording knows of the series of a metric. */
interface Metric {
  series: Series[];
  /** Seconds between two scrapes. */
  scrape?: number;
}

interface Reason {
  text: string;
  change?: Change;
}

/** Of an expression: the whole of it afterwards, and the part that changes. */
interface Change {
  query: string;
  from: string;
  to: string;
}

/** The query, and those of the recording rules that it reads. */
function queriesBelow(query: string, input: GradeInput, seen: ReadonlySet<string>): string[] {
  const below = metricNames(query).flatMap((name) => {
    const rule = input.rules?.recording.find((one) => one.name === name);
    return rule && !seen.has(name) ? queriesBelow(rule.query, input, new Set([...seen, name])) : [];
  });
  return [query, ...below];
}

function noMetric(
  { name, query, metric }: Asked,
  { names }: { names: Iterable<string> },
): Reason | undefined {
  const near = metric ? undefined : nearest(name, names);
  if (near === undefined) return undefined;
  const text = `no series has the name ${name}; the nearest is ${near}`;
  return { text, change: { query: query.replace(wordOf(name), near), from: name, to: near } };
}

function noLabels({ name, query, selector, metric }: Asked): Reason | undefined {
  const labels = metric?.series.map((one) => one.labels) ?? [];
  const asked = selector.matchers.filter((one) => one.name !== '__name__' && !one.matches(''));
  // Of a metric without any recorded series no label is known.
  if (labels.length === 0) return undefined;
  const written = asked.map(({ name: label, op, value }) => `${label}${op}"${value}"`);
  const fits = (at: number, one: Record<string, string>) => asked[at]!.matches(one[asked[at]!.name] ?? '');
  if (labels.some((one) => asked.every((_, at) => fits(at, one)))) return undefined;
  const at = asked.findIndex((_, index) => !labels.some((one) => fits(index, one)));
  if (at === -1) return { text: `no recorded series of ${name} has all of ${written.join(', ')}` };
  const { name: label, op, value } = asked[at]!;
  // What is in other namespaces than the stack's was not recorded.
  if (label === 'namespace') return undefined;
  const values = [...new Set(labels.flatMap((one) => one[label] ?? []))].sort();
  if (values.length === 0) {
    const has = [...new Set(labels.flatMap((one) => Object.keys(one)))].filter((one) => one !== '__name__');
    const before = `no recorded series of ${name} has the label ${label}`;
    const near = nearest(label, has);
    if (near === undefined) return { text: `${before}; there are ${some(has.sort())}` };
    const change = { query: query.replace(wordOf(label), near), from: label, to: near };
    return { text: `${before}; the nearest is ${near}`, change };
  }
  const before = `no recorded series of ${name} has ${written[at]}`;
  const near = op === '=' ? nearest(value, values) : undefined;
  if (near === undefined) return { text: `${before}; there are ${some(values)}` };
  const from = `"${value}"`;
  const to = `"${near}"`;
  const text = `${before}; the nearest is ${label}=${to}`;
  // Names of pods and the like are near to each other, and none is meant for the other.
  if (mistyped(value, [near]) === undefined) return { text };
  return { text, change: { query: query.replaceAll(from, to), from, to } };
}

function some(words: readonly string[]): string {
  const most = 5;
  return `${words.slice(0, most).join(', ')}${words.length > most ? ', …' : ''}`;
}

/** A rate needs two samples in its range. */
function shortRange(
  { name, query, selector, metric }: Asked,
  { moments }: { moments: Moments },
): Reason | undefined {
  const matrix = matrixOf(selector, query);
  if (!matrix || metric?.scrape === undefined || matrix.rangeMs >= 2 * metric.scrape * 1000) return undefined;
  const written = (ms: number) => formatDuration(ms * moments.speed);
  const enough = written(weights.alerts.scrapesInRange * metric.scrape * 1000);
  const text =
    `${name} is scraped each ${written(metric.scrape * 1000)}, so a range of ${written(matrix.rangeMs)} seldom holds ` +
    `the two samples that a rate needs; ${enough} would`;
  const from = query.slice(selector.bareTo, query.indexOf(']', selector.bareTo) + 1);
  // At another speed the rule's own file has other durations than the rule that was read.
  if (moments.speed !== 1 || !from.startsWith('[')) return { text };
  const to = `[${enough}]`;
  const mended = query.slice(0, selector.bareTo) + to + query.slice(selector.bareTo + from.length);
  return { text, change: { query: mended, from, to } };
}

/** Series that were there before the failure, and not any more while it lasted. */
function ended({ name, selector, metric }: Asked, { moments }: { moments: Moments }): Reason | undefined {
  const asked = selector.matchers.filter((one) => one.name !== '__name__');
  const found = (metric?.series ?? []).filter(({ labels }) =>
    asked.every(({ name: label, matches }) => matches(labels[label] ?? '')),
  );
  if (found.length === 0) return undefined;
  const last = Math.max(...found.map(({ points }) => points.at(-1)?.[0] ?? 0)) * 1000;
  if (last >= moments.injected) return undefined;
  const gone = duration(moments.injected - last);
  return {
    text: `the series of ${name} ended ${gone} before the failure began, and nothing asks whether they are absent`,
  };
}

/** The range that a selector is read over. */
function matrixOf(selector: VectorSelector, query: string): MatrixSelector | undefined {
  const expr = parsed(query);
  const parts = expr ? [...walk(expr)] : [];
  return parts.find((part) => part.kind === 'matrix' && part.selector.from === selector.from) as
    | MatrixSelector
    | undefined;
}

function exprFix(rule: AlertRule, { query, from, to }: Change, input: GradeInput): Fix {
  const edit = { path: ['expr'] as [string], from: rule.query, to: query, part: { from, to } };
  return ruleFix('expression', rule.name, [edit], input);
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\w:])${name}(?![\\w:])`, 'g');
}

/** By name: metrics that had samples in the recording, and recording rules. */
function knownMetrics({ series, rules }: GradeInput): ReadonlyMap<string, Metric> {
  const metrics = new Map<string, Metric>();
  const metricOf = (name: string): Metric => {
    const metric = metrics.get(name) ?? { series: [] };
    metrics.set(name, metric);
    return metric;
  };
  // One without a sample has its reason in what it reads.
  for (const { name } of rules?.recording ?? []) metricOf(name);
  for (const { kind, name, query, series: recorded, scrape } of series?.queries ?? []) {
    if (recorded.length === 0) continue;
    if (kind === 'stack') {
      const metric = metricOf(name);
      metric.series.push(...recorded);
      if (scrape !== undefined) metric.scrape = scrape;
    } else {
      for (const each of metricNames(query))
        metricOf(each).series.push(...recorded.filter(({ labels }) => labels.__name__ === each));
    }
  }
  return metrics;
}

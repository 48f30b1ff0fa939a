import { atOnce } from '../../at-once.ts';
import { selectorsIn } from '../../promql/syntax/parsed.ts';
import { print } from '../../promql/syntax/print.ts';
import type { Range } from '../recorded-series.ts';
import type { Prometheus, Rules } from '../series.ts';

/**
 * Limits on what the samples of a game may cost a Prometheus: requests; samples of all and, expected, of one answer (an
 * answer of 100,000 is 3 MB of JSON); requests at a time; after so many in a row without an answer nothing more is asked; looks
 * at where series ended.
 */
export const sampleBudget = {
  queries: 400,
  samples: 6_000_000,
  each: 100_000,
  atOnce: 2,
  silent: 4,
  ends: 200,
} as const;

/** One selector to be asked for, in one or more pieces of time. */
export interface WantedSamples {
  selector: string;
  /** What it is about: the metrics' names, or the selector of a rule. */
  what: string[];
  /** As counted at the end of the game. */
  expected: number;
}

/**
 * What is asked, first things first: metrics of the stack's namespaces that rules read, the other metrics there, and what
 * rules read of other places. Small metrics share a request. `seconds` between scrapes.
 */
export async function wantedSamples(
  prometheus: Prometheus,
  {
    rules,
    namespaces,
    range,
    seconds,
  }: { rules: Rules | undefined; namespaces: readonly string[]; range: Range; seconds: number },
): Promise<{ stack: WantedSamples[]; others: WantedSamples[] }> {
  const own = `namespace=~"${namespaces.join('|')}"`;
  const each = (range.end - range.start) / seconds;
  const counted = new Map(
    (await prometheus.query(`count by (__name__) ({${own}})`, { at: range.end })).map(
      ({ labels, value }) => [labels.__name__ ?? '', value] as const,
    ),
  );
  const names = (await prometheus.labelValues('__name__', [`{${own}}`])).filter((name) => !isAlerts(name));
  const read = readBy(rules);
  const isRead = (name: string) => Number(read.some(({ metric }) => metric === name));
  const metrics = names
    .sort()
    .sort((a, b) => isRead(b) - isRead(a))
    .map((name) => ({ name, expected: (counted.get(name) ?? 1) * each }));
  const stack = batches(metrics).map((batch): WantedSamples => {
    const what = batch.map(({ name }) => name);
    return {
      selector: `{__name__=~${JSON.stringify(what.join('|'))},${own}}`,
      what,
      expected: batch.reduce((sum, { expected }) => sum + expected, 0),
    };
  });
  return { stack, others: await others(prometheus, read, { namespaces, range, each }) };
}

interface Read {
  /** Undefined: of any name. */
  metric: string | undefined;
  /** Undefined: of any, or of none. */
  namespace: string | undefined;
  selector: string;
}

/** What the rules select, without ranges and offsets, each once. */
function readBy(rules: Rules | undefined): Read[] {
  const asked = (rules?.alerting ?? []).filter(({ notPromql }) => !notPromql);
  const found = [...asked, ...(rules?.recording ?? [])].flatMap(({ query }) => selectorsIn(query));
  const all = found.map((selector): Read => {
    const only = (label: string) =>
      selector.matchers.find(({ name, op }) => name === label && op === '=')?.value;
    const text = print({ ...selector, offsetMs: 0, at: undefined });
    return { metric: only('__name__'), namespace: only('namespace'), selector: text };
  });
  return [...new Map(all.map((one) => [one.selector, one])).values()].filter(
    ({ metric }) => !isAlerts(metric ?? ''),
  );
}

/** Their series in the stack's namespaces are asked for by name. */
async function others(
  prometheus: Prometheus,
  read: readonly Read[],
  { namespaces, range, each }: { namespaces: readonly string[]; range: Range; each: number },
): Promise<WantedSamples[]> {
  const elsewhere = read.filter(
    ({ namespace }) => namespace === undefined || !namespaces.includes(namespace),
  );
  return await atOnce(
    elsewhere,
    async ({ selector }) => {
      const rest = withMatcher(selector, `namespace!~"${namespaces.join('|')}"`);
      const [counted] = await prometheus.query(`count(${rest})`, { at: range.end });
      // Series that have ended are not counted.
      return { selector: rest, what: [selector], expected: Math.max(1, counted?.value ?? 0) * each };
    },
    sampleBudget.atOnce,
  );
}

/** What a rule has fired is computed anew. */
function isAlerts(name: string): boolean {
  return name === 'ALERTS' || name === 'ALERTS_FOR_STATE';
}

function withMatcher(selector: string, matcher: string): string {
  return selector.endsWith('}') ? `${selector.slice(0, -1)},${matcher}}` : `${selector}{${matcher}}`;
}

/** In order, each with as many expected samples as an answer may have, or with one metric. */
function batches<Metric extends { expected: number }>(metrics: readonly Metric[]): Metric[][] {
  const found: Metric[][] = [];
  let room = 0;
  for (const metric of metrics) {
    if (metric.expected > room || found.length === 0) {
      found.push([]);
      room = sampleBudget.each;
    }
    found.at(-1)!.push(metric);
    room -= metric.expected;
  }
  return found;
}

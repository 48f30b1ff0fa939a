import { problemAt } from '../document/document.ts';
import { MisfortuneError } from '../errors.ts';
import { askedOf, groupedBy } from '../signal/matchers.ts';
import { syntaxProblem } from '../signal/promql-syntax.ts';
import type { Prometheus } from '../signal/series.ts';
import { mistyped, suggest } from '../words/nearest.ts';
import type { ParsedScenario } from './parse.ts';
import { queriesIn } from './references.ts';

type Source = Pick<Prometheus, 'query' | 'labelNames' | 'labelValues'>;

/** What is wrong with a query, and what to do. */
interface Fault {
  code: string;
  message: string;
  todo?: string;
}

/**
 * Asks a running Prometheus for every query of a scenario: whether it refuses it, and whether the labels and values of its
 * matchers are there. Only what is one slip away from a known word is called a typo: other series may come with the fault.
 * `alerts`: names of the alerting rules, where all are known.
 */
export async function lintAsked(
  parsed: ParsedScenario,
  prometheus: Source,
  { alerts, signal }: { alerts?: readonly string[]; signal?: AbortSignal } = {},
): Promise<MisfortuneError[]> {
  const problems: MisfortuneError[] = [];
  for (const { query, path } of queriesIn(parsed)) {
    for (const { code, message, todo } of await faultsOf(query, prometheus, alerts, signal))
      problems.push(problemAt(parsed.document.place(path), code, message, { todo }));
  }
  return problems;
}

async function faultsOf(
  query: string,
  prometheus: Source,
  alerts: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<Fault[]> {
  // That was told without Prometheus.
  if (syntaxProblem(query)) return [];
  const refused = await refusal(query, prometheus, signal);
  if (refused) return refused;
  const known: string[][] = [];
  const faults: Fault[] = [];
  for (const { metric, matchers } of askedOf(query)) {
    if (/^ALERTS(_FOR_STATE)?$/.test(metric)) {
      faults.push(...matchers.flatMap((matcher) => unknownAlert(matcher, alerts)));
      continue;
    }
    const labels = await ifKnown(prometheus.labelNames([metric], signal), signal);
    if (labels.length === 0) continue;
    known.push(labels);
    for (const { label, operator, value } of matchers) {
      if (!labels.includes(label)) {
        faults.push(
          ...unknownLabel(label, metric, labels, await ifKnown(prometheus.labelNames([], signal), signal)),
        );
        continue;
      }
      const values = await ifKnown(prometheus.labelValues(label, [metric], signal), signal);
      for (const word of wordsOf(operator, value).filter((one) => !values.includes(one)))
        faults.push(...typo(word, values, 'unknown-value', `No series of ${metric} has ${label}="${word}".`));
    }
  }
  // A query may make labels of its own.
  if (/\b(label_replace|label_join|count_values)\b/.test(query)) return faults;
  const all = [...new Set(known.flat())];
  const unknown = groupedBy(query).filter((label) => all.length > 0 && !all.includes(label));
  return [
    ...faults,
    ...unknown.flatMap((label) =>
      typo(label, all, 'unknown-label', `No series here has a label "${label}".`),
    ),
  ];
}

/** [] where it cannot be read: then nothing is called a typo. */
async function ifKnown(words: Promise<string[]>, signal: AbortSignal | undefined): Promise<string[]> {
  try {
    return await words;
  } catch {
    signal?.throwIfAborted();
    return [];
  }
}

/** Undefined: Prometheus takes it, or did not answer. */
async function refusal(
  query: string,
  prometheus: Source,
  signal: AbortSignal | undefined,
): Promise<Fault[] | undefined> {
  try {
    await prometheus.query(query, { signal });
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof MisfortuneError) || error.code !== 'prometheus-error') return undefined;
    const said = /^Prometheus says: (.*?)(?: \(query: .*)?$/s.exec(error.message)?.[1] ?? error.message;
    return [
      {
        code: 'bad-promql',
        message: `Prometheus refuses the query: ${said.replace(/^invalid parameter "query": /, '')}`,
      },
    ];
  }
}

function unknownAlert(
  { label, operator, value }: { label: string; operator: string; value: string },
  alerts: readonly string[] | undefined,
): Fault[] {
  if (label !== 'alertname' || !alerts) return [];
  return wordsOf(operator, value)
    .filter((word) => !alerts.includes(word))
    .map((word) => ({
      code: 'unknown-alert',
      message: `There is no alert "${word}".`,
      todo: suggest(word, alerts),
    }));
}

/** `everywhere`: the labels of all series. */
function unknownLabel(
  label: string,
  metric: string,
  labels: readonly string[],
  everywhere: readonly string[],
): Fault[] {
  if (mistyped(label, labels) === undefined && mistyped(label, everywhere) === undefined) return [];
  return [
    {
      code: 'unknown-label',
      message: `The series of ${metric} have no label "${label}".`,
      todo: suggest(
        label,
        labels.filter((one) => one !== '__name__'),
      ),
    },
  ];
}

function typo(word: string, known: readonly string[], code: string, message: string): Fault[] {
  const meant = mistyped(word, known);
  return meant === undefined ? [] : [{ code, message, todo: `Did you mean "${meant}"?` }];
}

/** The values that a matcher names; none of a pattern that is more than alternatives. */
function wordsOf(operator: string, value: string): string[] {
  if (value === '') return [];
  if (!operator.endsWith('~')) return [value];
  return /^[\w:/-]+(\|[\w:/-]+)*$/.test(value) ? value.split('|') : [];
}

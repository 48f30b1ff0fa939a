import { compileRegex } from '../../../regex.ts';
import { PromqlError } from '../promql/error.ts';
import { Query, type QueryLimits } from '../promql/query.ts';
import { parseValue, type Sample } from '../promql/value.ts';
import type { LabelSet } from '../tsdb/labels.ts';
import type { SeriesSource } from '../tsdb/storage.ts';
import { fixed, general, shortest } from './go-number.ts';
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from './humanize.ts';

export interface TemplateScope {
  readonly labels: LabelSet;
  readonly value: number;
  readonly source: SeriesSource;
  /** ms since epoch. */
  readonly time: number;
  readonly limits: QueryLimits;
}

type Datum = string | number | Sample | readonly Sample[];

/**
 * Go-template text of a label or annotation: the actions used in rule files (`$labels.x`, `$value`, pipes,
 * humanize…, printf, query | first | value), without control structures. What cannot be expanded becomes
 * `<error expanding template: …>`, as in Prometheus.
 */
export function renderTemplate(text: string, scope: TemplateScope): string {
  if (!text.includes('{{')) return text;
  try {
    return text
      .replace(/\s*\{\{-/g, '{{')
      .replace(/-\}\}\s*/g, '}}')
      .replace(/\{\{\s*(.*?)\s*\}\}/gs, (_, action: string) => textOf(pipeline(action, scope)));
  } catch (error) {
    return `<error expanding template: ${error instanceof Error ? error.message : String(error)}>`;
  }
}

function pipeline(action: string, scope: TemplateScope): Datum {
  let piped: Datum | undefined;
  for (const words of commands(action)) {
    const [head, ...rest] = words;
    if (head === undefined) throw new Error(`missing value for command in "${action}"`);
    const call = FUNCTIONS[head];
    const args = rest.map((word) => operand(word, scope));
    if (piped !== undefined) args.push(piped);
    if (call) piped = call(args, scope);
    else if (args.length === 0) piped = operand(head, scope);
    else throw new Error(`function "${head}" is not supported yet`);
  }
  if (piped === undefined) throw new Error('empty action');
  return piped;
}

/** Words of each command between pipes; quoted text is one word. */
function commands(action: string): string[][] {
  const result: string[][] = [[]];
  for (const [word] of action.matchAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|\||[^\s|"`]+/g)) {
    if (word === '|') result.push([]);
    else result.at(-1)!.push(word);
  }
  return result;
}

function operand(word: string, { labels, value }: TemplateScope): Datum {
  if (word.startsWith('"')) return JSON.parse(word) as string;
  if (word.startsWith('`')) return word.slice(1, -1);
  if (word === '$value' || word === '.Value') return value;
  const label = /^(?:\$labels|\.Labels)\.(\w+)$/.exec(word);
  if (label) return labels.get(label[1]!);
  if (word === '$labels' || word === '.Labels') return String(labels);
  const number = parseValue(word);
  if (number !== undefined) return number;
  throw new Error(`"${word}" is not supported yet`);
}

const FUNCTIONS: Record<string, (args: Datum[], scope: TemplateScope) => Datum> = {
  humanize: ([value]) => humanize(numberOf(value)),
  humanize1024: ([value]) => humanize1024(numberOf(value)),
  humanizeDuration: ([value]) => humanizeDuration(numberOf(value)),
  humanizePercentage: ([value]) => humanizePercentage(numberOf(value)),
  humanizeTimestamp: ([value]) => humanizeTimestamp(numberOf(value)),
  printf: ([format, ...args]) => printf(textOf(format), args),
  title: ([text]) => textOf(text).replace(/\b\w/g, (letter) => letter.toUpperCase()),
  toUpper: ([text]) => textOf(text).toUpperCase(),
  toLower: ([text]) => textOf(text).toLowerCase(),
  stripPort: ([text]) => textOf(text).replace(/:\d+$/, ''),
  reReplaceAll: ([pattern, replacement, text]) =>
    compileRegex(textOf(pattern)).replaceAll(textOf(text), textOf(replacement)),
  query: ([text], { source, time, limits }) => {
    const result = new Query(textOf(text)).instant(source, time, limits);
    if (result.type !== 'vector') throw new PromqlError('execution', 'expected an instant vector from query');
    return result.samples;
  },
  first: ([samples]) => {
    if (!Array.isArray(samples) || samples.length === 0)
      throw new Error('first() called on vector with no elements');
    return samples[0] as Sample;
  },
  value: ([sample]) => sampleOf(sample).value,
  label: ([name, sample]) => sampleOf(sample).labels.get(textOf(name)),
};

function sampleOf(datum: Datum | undefined): Sample {
  if (typeof datum === 'object' && 'labels' in datum) return datum;
  throw new Error('expected a sample of a query');
}

function numberOf(datum: Datum | undefined): number {
  const number = typeof datum === 'number' ? datum : parseValue(textOf(datum));
  if (number === undefined) throw new Error(`expected a number, got "${textOf(datum)}"`);
  return number;
}

function textOf(datum: Datum | undefined): string {
  if (typeof datum === 'number') return shortest(datum);
  if (typeof datum === 'string') return datum;
  if (datum === undefined) return '<no value>';
  return JSON.stringify(datum);
}

/** Go's verbs %s %v %d %f %e %g %q %% with flags, width and precision. */
function printf(format: string, args: Datum[]): string {
  let next = 0;
  return format.replace(
    /%([-+0 ]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const argument = args[next++];
      if (argument === undefined) return `%!${verb}(MISSING)`;
      const text = formatVerb(verb, argument, precision === undefined ? undefined : Number(precision));
      const signed = flags.includes('+') && typeof argument === 'number' && argument >= 0 ? `+${text}` : text;
      if (flags.includes('-')) return signed.padEnd(Number(width));
      return signed.padStart(Number(width), flags.includes('0') ? '0' : ' ');
    },
  );
}

function formatVerb(verb: string, argument: Datum, precision: number | undefined): string {
  switch (verb) {
    case 'f':
      return fixed(numberOf(argument), precision ?? 6);
    case 'e':
      return numberOf(argument)
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
    case 'v':
      if (typeof argument !== 'number') return textOf(argument);
      return precision === undefined ? shortest(argument) : general(argument, precision);
    case 'd':
      return String(Math.trunc(numberOf(argument)));
    case 's':
      return textOf(argument).slice(0, precision);
    case 'q':
      return JSON.stringify(textOf(argument));
    default:
      throw new Error(`printf verb %${verb} is not supported yet`);
  }
}

import { MisfortuneError } from '../../errors.ts';
import type { Prometheus } from '../series.ts';
import type { TimeRange } from './intervals.ts';
import type { Option } from './variable.ts';

/** Asks a query variable's query: the functions of Grafana's Prometheus data source, else the series it selects. */
export async function askVariable(
  query: string,
  prometheus: Prometheus,
  range: TimeRange,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const call = /^(\w+)\(([\s\S]*)\)$/.exec(query.trim());
  const argument = call?.[2]?.trim() ?? '';
  switch (call?.[1]) {
    case 'label_values': {
      const [, selector, label = ''] = /^(?:([\s\S]+),)?\s*([^,{}()"]+?)\s*$/.exec(argument) ?? [];
      return await prometheus.labelValues(label, selector ? [selector.trim()] : [], signal);
    }
    case 'label_names':
      return await prometheus.labelNames(argument === '' ? [] : [argument], signal);
    case 'metrics': {
      const pattern = patternOf(argument);
      return (await prometheus.labelValues('__name__', [], signal)).filter((name) => pattern.test(name));
    }
    case 'query_result': {
      const samples = await prometheus.query(argument, { signal });
      return samples.map(
        ({ labels, value, at }) => `${seriesText(labels)} ${value} ${Math.round(at * 1000)}`,
      );
    }
    default:
      return query.trim() === '' ? [] : (await prometheus.series([query], range, signal)).map(seriesText);
  }
}

function seriesText({ __name__: name = '', ...labels }: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([label, each]) => `${label}="${each}"`);
  return `${name}{${pairs.join(',')}}`;
}

/**
 * A variable's regex keeps the options that match. Of one group that is the value; of several matches each is an option;
 * the groups `value` and `text` name both. Without a group the whole option stays.
 * @throws MisfortuneError `bad-pattern`
 */
export function filterOptions(words: readonly string[], regex: string): Option[] {
  const options =
    regex === '' ? words.map(plain) : words.flatMap((word) => optionsIn(word, patternOf(regex)));
  return [...new Map(options.map((option) => [option.value, option])).values()];
}

function optionsIn(word: string, pattern: RegExp): Option[] {
  const matches = [...word.matchAll(new RegExp(pattern, `${pattern.flags.replace('g', '')}g`))];
  const [first] = pattern.flags.includes('g') ? matches : matches.slice(0, 1);
  if (!first) return [];
  const { value, text } = first.groups ?? {};
  if (value !== undefined || text !== undefined)
    return [{ value: value ?? text ?? '', text: text ?? value ?? '' }];
  if (first[1] === undefined) return [plain(word)];
  return pattern.flags.includes('g') ? matches.map((each) => plain(each[1] ?? '')) : [plain(first[1])];
}

/** As Grafana reads it: `/…/flags`, else a pattern for the whole word. */
function patternOf(written: string): RegExp {
  const slashed = /^\/([\s\S]*)\/([a-z]*)$/.exec(written);
  try {
    return slashed ? new RegExp(slashed[1]!, slashed[2]) : new RegExp(written);
  } catch (cause) {
    throw new MisfortuneError('bad-pattern', `the pattern ${written} does not compile`, { cause });
  }
}

function plain(word: string): Option {
  return { value: word, text: word };
}

/** By Grafana's numbers: 1, 2 alphabetical; 3, 4 numerical; 5, 6 without case; 7, 8 natural; even ones descending. */
export function sorted(options: readonly Option[], sort: number | undefined): Option[] {
  if (!sort || sort < 1 || sort > 8) return [...options];
  const numberIn = (text: string) => Number(/(\d+(?:\.\d+)?)/.exec(text)?.[1] ?? -1);
  const kind = Math.ceil(sort / 2);
  const compare = (a: string, b: string): number => {
    if (kind === 2) return numberIn(a) - numberIn(b);
    if (kind === 3) return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
    if (kind === 4) return a.localeCompare(b, 'en', { numeric: true });
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const up = [...options].sort((a, b) => compare(a.text, b.text));
  return sort % 2 === 0 ? up.reverse() : up;
}

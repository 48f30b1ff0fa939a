import { interpolate, variableNames } from './interpolate.ts';
import type { Dashboard, Prometheus } from './series.ts';

export interface VariableValue {
  values: string[];
  /** It can hold several values (multi, or with "All"): filled in as a regular expression. */
  multi: boolean;
  /** A custom "all" value. */
  verbatim?: string;
}

export interface Variables {
  values: Record<string, VariableValue>;
  /** Names of variables that have no value: the query gave none and none was saved. */
  unresolved: string[];
}

/** A template variable as far as it is read here. */
interface Template {
  name: string;
  type: string;
  query?: unknown;
  regex?: string;
  current?: { value?: unknown; text?: unknown };
  options?: { value?: unknown; selected?: boolean }[];
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
}

const all = '$__all';

/**
 * The values of a dashboard's variables, as they would be when somebody opens it: overrides first (the scenario's
 * namespace, pod, …), then what was saved, if it is still there, then the first that there is.
 */
export async function resolveVariables(
  { model }: Pick<Dashboard, 'model'>,
  prometheus: Prometheus,
  options: { overrides?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Variables> {
  const templates = ((model.templating as { list?: Template[] } | undefined)?.list ?? []).filter(
    ({ name }) => name,
  );
  const variables: Variables = { values: {}, unresolved: [] };
  for (const template of inOrder(templates)) {
    const value = await resolve(template, variables, prometheus, options);
    if (value) variables.values[template.name] = value;
    else variables.unresolved.push(template.name);
  }
  return variables;
}

async function resolve(
  template: Template,
  variables: Variables,
  prometheus: Prometheus,
  { overrides = {}, signal }: { overrides?: Record<string, string>; signal?: AbortSignal },
): Promise<VariableValue | undefined> {
  const multi = template.multi === true || template.includeAll === true;
  const override = overrides[template.name];
  if (override !== undefined) return { values: [override], multi };
  const saved = texts(template.current?.value);
  if (template.type !== 'query') return plainValue(template, saved, multi);
  const options = await queryOptions(template, variables, prometheus, signal);
  if (saved.includes(all)) return allOf(template, options);
  const still = saved.filter((value) => options.includes(value));
  if (still.length > 0) return { values: still, multi };
  // An empty value is a value: {cluster=""} matches the series without the label.
  if (saved.length === 1 && saved[0] === '' && options.length === 0) return { values: [''], multi };
  const [first] = options;
  return first === undefined ? undefined : { values: [first], multi };
}

/** Variables whose options are in the dashboard itself: custom, constant, textbox, interval, datasource. */
function plainValue(template: Template, saved: string[], multi: boolean): VariableValue | undefined {
  const options = ownOptions(template);
  if (saved.includes(all)) return allOf(template, options);
  if (saved.length > 0 && !saved.every((value) => value === '')) return { values: saved, multi };
  const [first] = options;
  if (first !== undefined) return { values: [first], multi };
  return saved.length > 0 || template.type === 'textbox' ? { values: [''], multi } : undefined;
}

function allOf(template: Template, options: string[]): VariableValue | undefined {
  if (template.allValue) return { values: [template.allValue], multi: true, verbatim: template.allValue };
  return options.length > 0 ? { values: options, multi: true } : undefined;
}

function ownOptions(template: Template): string[] {
  const listed = (template.options ?? [])
    .flatMap(({ value }) => texts(value))
    .filter((value) => value !== all);
  if (listed.length > 0) return listed;
  if (typeof template.query !== 'string' || template.query === '') return [];
  if (template.type !== 'custom' && template.type !== 'interval') return [template.query];
  // A custom option may be written "text : value".
  return template.query.split(',').map((each) => each.split(' : ').at(-1)!.trim());
}

async function queryOptions(
  template: Template,
  variables: Variables,
  prometheus: Prometheus,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const { text, unresolved } = interpolate(queryText(template), variables.values);
  if (unresolved.length > 0) return [];
  return filterByRegex(await ask(text.trim(), prometheus, signal), template.regex ?? '');
}

/** The functions of Grafana's query variables on Prometheus. */
async function ask(
  query: string,
  prometheus: Prometheus,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const labelValues = /^label_values\((?:([\s\S]+),)?\s*([\w]+)\s*\)$/.exec(query);
  if (labelValues) {
    const [, selector, label] = labelValues;
    return (await prometheus.labelValues(label!, selector ? [selector.trim()] : [], signal)).sort();
  }
  const metrics = /^metrics\((.*)\)$/.exec(query);
  if (metrics) {
    const pattern = new RegExp(metrics[1]!);
    return (await prometheus.labelValues('__name__', [], signal)).filter((name) => pattern.test(name));
  }
  const result = /^query_result\(([\s\S]*)\)$/.exec(query);
  if (!result) return [];
  const samples = await prometheus.query(result[1]!, { signal });
  return samples.map(({ labels: { __name__: name = '', ...labels }, value, at }) => {
    const pairs = Object.entries(labels).map(([label, each]) => `${label}="${each}"`);
    return `${name}{${pairs.join(',')}} ${value} ${Math.round(at * 1000)}`;
  });
}

/** A variable's regex keeps the options that match, or their first (or `value`) group. */
function filterByRegex(options: string[], regex: string): string[] {
  const written = /^\/([\s\S]*)\/([a-z]*)$/.exec(regex);
  if (regex === '') return options;
  let pattern: RegExp;
  try {
    pattern = written ? new RegExp(written[1]!, written[2]!.replace('g', '')) : new RegExp(regex);
  } catch {
    return options;
  }
  const kept = options.flatMap((option) => {
    const match = pattern.exec(option);
    return match ? [match.groups?.value ?? match[1] ?? match[0]] : [];
  });
  return [...new Set(kept)];
}

/** Variables that others are asked with come first; a circle is left in the order of the dashboard. */
function inOrder(templates: Template[]): Template[] {
  const ordered: Template[] = [];
  const visit = (template: Template, open: Template[]): void => {
    if (ordered.includes(template) || open.includes(template)) return;
    for (const name of variableNames(queryText(template))) {
      const other = templates.find((each) => each.name === name);
      if (other) visit(other, [...open, template]);
    }
    ordered.push(template);
  };
  for (const template of templates) visit(template, []);
  return ordered;
}

function queryText({ query }: Template): string {
  if (typeof query === 'string') return query;
  return String((query as { query?: string } | undefined)?.query ?? '');
}

function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return value === undefined || value === null ? [] : [String(value)];
}

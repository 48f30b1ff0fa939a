import type { Grafana } from '../series.ts';
import { interpolate, variableNames } from './interpolate.ts';
import { autoInterval, intervalBuiltIns, type TimeRange } from './intervals.ts';
import { list, record, text } from './json-value.ts';
import { classicModel } from './schema-v2.ts';
import type { SourceReference, Sources } from './sources.ts';
import {
  all,
  allOf,
  chosen,
  isMulti,
  type Option,
  savedValues,
  type Template,
  type Variables,
  type VariableValue,
} from './variable.ts';
import { askVariable, filterOptions, sorted } from './variable-query.ts';

export interface ResolveOptions {
  sources: Sources;
  range: TimeRange;
  /** Values that are given: the scenario's namespace, pod, … */
  overrides?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * The values of a dashboard's variables, as they would be when somebody opens it. One that cannot be resolved is named
 * with its reason and takes nothing else with it. Throws only what the signal is aborted with.
 */
export async function resolveVariables(
  { model }: { model: Record<string, unknown> },
  options: ResolveOptions,
): Promise<Variables> {
  const templates = templatesOf(model);
  const variables: Variables = { values: {}, problems: {}, matchers: [] };
  for (const template of inOrder(templates)) {
    const { name, type } = template;
    const override = options.overrides?.[name];
    if (type === 'adhoc' && override === undefined) {
      variables.matchers.push(...matchersOf(template, variables, options));
      continue;
    }
    try {
      variables.values[name] =
        override === undefined
          ? await resolve(template, variables, options)
          : { values: [override], multi: isMulti(template) };
    } catch (error) {
      options.signal?.throwIfAborted();
      variables.problems[name] = (error as Error).message.replace(/\.$/, '');
    }
  }
  return variables;
}

function templatesOf(model: Record<string, unknown>): Template[] {
  return list(record(classicModel(model).templating).list)
    .map((raw) => ({ ...raw, name: text(raw.name), type: text(raw.type) || 'query' }) as Template)
    .filter(({ name }) => name !== '');
}

/** @throws if it has no value, with the reason */
async function resolve(
  template: Template,
  variables: Variables,
  options: ResolveOptions,
): Promise<VariableValue> {
  const saved = savedValues(template);
  const first = saved[0];
  const one = (value: string): VariableValue => ({ values: [value], multi: isMulti(template) });
  switch (template.type) {
    case 'query':
      return await resolveQuery(template, variables, options);
    case 'datasource':
      return chosenSource(template, options.sources);
    case 'interval':
      return one(intervalOf(template, options.range));
    case 'constant':
      return one(text(template.query) || (first ?? ''));
    case 'textbox':
      return one(first ?? text(template.query));
    case 'switch':
      return one(first ?? String(template.disabledValue ?? 'false'));
    case 'custom': {
      const listed = customOptions(template);
      return listed.length === 0 && first !== undefined
        ? { ...one(first), values: saved }
        : chosen(template, listed);
    }
    default:
      if (first === undefined && template.type !== 'groupby')
        throw new Error(`variables of type ${template.type} are not known here`);
      return { ...one(''), values: saved };
  }
}

async function resolveQuery(
  template: Template,
  variables: Variables,
  options: ResolveOptions,
): Promise<VariableValue> {
  try {
    const regex = interpolate(text(template.regex), variables.values, {}, 'regex').text;
    const words = await askOptions(template, variables, options);
    return chosen(template, sorted(filterOptions(words, regex), template.sort));
  } catch (error) {
    options.signal?.throwIfAborted();
    // Grafana goes on with what was saved when the query of a variable fails.
    const saved = savedValues(template);
    if (saved.includes(all) && template.allValue) return allOf(template, []);
    const kept = saved.filter((value) => value !== all && value !== '');
    if (kept.length > 0) return { values: kept, multi: isMulti(template) };
    throw error;
  }
}

async function askOptions(
  template: Template,
  variables: Variables,
  { sources, range, signal }: ResolveOptions,
): Promise<string[]> {
  const written = queryText(template);
  const query = interpolate(written, variables.values, intervalBuiltIns(range, 0, 15, undefined));
  const [missing] = query.unresolved;
  if (missing !== undefined) throw new Error(noValue(missing, variables));
  const whom = sources.addressee(referenceOf(template), variables);
  if (!('prometheus' in whom)) throw new Error(`${written} is a query ${whom.why}`);
  try {
    return await askVariable(query.text, whom.prometheus, range, signal);
  } catch (error) {
    throw new Error(refusal(query.text, error as Error & { code?: string }), { cause: error });
  }
}

function refusal(query: string, error: Error & { code?: string }): string {
  if (error.code === 'bad-pattern') return error.message;
  if (error.code === 'prometheus-error') return `Prometheus refuses ${query}`;
  return `Prometheus gave no answer to ${query}`;
}

/** Why a query with a variable cannot be asked: `no value for $till: …`. */
export function noValue(name: string, { problems }: Variables): string {
  const problem = Object.hasOwn(problems, name) ? problems[name] : undefined;
  return `no value for $${name}${problem === undefined ? '' : `: ${problem}`}`;
}

function referenceOf({ datasource }: Template): SourceReference {
  if (typeof datasource === 'string') return { name: datasource };
  return { uid: text(record(datasource).uid), type: text(record(datasource).type) };
}

/** Data sources of a type, the default one first among equals; its value is the uid. */
function chosenSource(template: Template, sources: Sources): VariableValue {
  const found = sources.ofType(text(template.query));
  const options = found.map(({ uid, name }) => ({ value: uid, text: name }));
  const kept = options.filter(({ text: name }) => filterOptions([name], text(template.regex)).length > 0);
  const saved = savedValues(template);
  const first = found.find(({ isDefault }) => isDefault);
  if (saved.includes('default') && first)
    return { values: [first.uid], texts: [first.name], multi: isMulti(template) };
  if (kept.length > 0) return chosen(template, kept);
  return { values: saved.length > 0 ? saved : ['default'], multi: isMulti(template) };
}

function intervalOf(template: Template, range: TimeRange): string {
  const listed = text(template.query)
    .split(',')
    .map((each) => each.trim().replace(/^["']|["']$/g, ''))
    .filter((each) => each !== '' && each !== 'auto');
  const [saved] = savedValues(template);
  const isAuto =
    saved === undefined || saved === '' ? template.auto === true : /^(auto|\$__auto.*)$/.test(saved);
  if (isAuto) return autoInterval(template, range);
  return saved || listed[0] || autoInterval(template, range);
}

/** `1,2`, `text : value`, `\,` for a comma; or a list of values as JSON. */
function customOptions(template: Template): Option[] {
  const written = text(template.query);
  if (template.valuesFormat === 'json') {
    const parsed = JSON.parse(written) as unknown;
    return list(parsed).map((each) => ({ value: String(each.value), text: String(each.text ?? each.value) }));
  }
  const fromQuery = (written.match(/(?:\\,|[^,])+/g) ?? []).map((part) => {
    const word = part.replace(/\\,/g, ',').trim();
    const [, shown, value] = /^(.+)\s:\s(.+)$/.exec(word) ?? [];
    return shown === undefined || value === undefined
      ? { value: word, text: word }
      : { value: value.trim(), text: shown.trim() };
  });
  if (fromQuery.length > 0) return fromQuery;
  return (template.options ?? [])
    .filter(({ value }) => typeof value === 'string' && value !== all)
    .map(({ value, text: shown }) => ({ value: String(value), text: String(shown ?? value) }));
}

/** Ad-hoc filters of this Prometheus, as matchers. */
function matchersOf(template: Template, variables: Variables, { sources }: ResolveOptions): string[] {
  const whom = sources.addressee(referenceOf(template), variables);
  if (!('prometheus' in whom) || (whom.source && whom.source !== sources.own)) return [];
  return list(template.filters).flatMap(({ key, operator, value }) => {
    const [name, sign] = [text(key), text(operator) || '='];
    if (!/^[a-zA-Z_]\w*$/.test(name) || !['=', '!=', '=~', '!~'].includes(sign)) return [];
    return [`${name}${sign}${JSON.stringify(text(value))}`];
  });
}

/** Variables that others are asked with come first; a circle is left in the order of the dashboard. */
function inOrder(templates: Template[]): Template[] {
  const ordered: Template[] = [];
  const visit = (template: Template, open: Template[]): void => {
    if (ordered.includes(template) || open.includes(template)) return;
    const { uid = '', name: source = '' } = referenceOf(template);
    for (const name of variableNames(`${queryText(template)} ${text(template.regex)} ${uid} ${source}`)) {
      const other = templates.find((each) => each.name === name);
      if (other) visit(other, [...open, template]);
    }
    ordered.push(template);
  };
  for (const template of templates) visit(template, []);
  return ordered;
}

function queryText({ query }: Template): string {
  return typeof query === 'string' ? query : text(record(query).query);
}

/** Values that depend on whose dashboard it is and who looks; the latter are asked for only where they are used. */
export async function dashboardBuiltIns(
  { uid, title, model }: { uid: string; title: string; model: Record<string, unknown> },
  grafana: Grafana | undefined,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const about: Record<string, string> = {
    ...{ __dashboard: title, '__dashboard.title': title, '__dashboard.uid': uid },
    __timezone: text(classicModel(model).timezone) || 'browser',
  };
  if (!/\$\{?__(user|org)\b|\[\[__(user|org)\b/.test(JSON.stringify(model))) return about;
  return { ...about, ...(await grafana?.viewer(signal)) };
}

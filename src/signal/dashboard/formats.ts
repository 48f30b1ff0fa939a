import type { VariableValue } from './variable.ts';

/** Variable formats as Grafana names them (`${x:csv}`, with arguments: `${x:join: and }`). Unknown ones are as glob. */
export function formatValue(name: string, value: VariableValue, format: string): string {
  const [kind = '', ...rest] = format.split(':');
  // A custom "all" value is taken as it is written, but for these two.
  if (value.verbatim !== undefined)
    return kind === 'text' ? 'All' : kind === 'percentencode' ? strictly(value.verbatim) : value.verbatim;
  const { values, multi } = value;
  const one = values[0] ?? '';
  const write = Object.hasOwn(formats, kind) ? formats[kind]! : formats.glob!;
  return write({ name, values, one, isList: multi || values.length > 1, texts: value.texts ?? values }, rest);
}

interface Given {
  name: string;
  values: string[];
  texts: string[];
  one: string;
  isList: boolean;
}

const formats: Record<string, (given: Given, rest: string[]) => string> = {
  // As Grafana's Prometheus data source writes a variable that has no format.
  promql: ({ values, isList }) =>
    isList ? oneOf(values.map(escapeForRegex)) : values.map(escapeForString).join(','),
  raw: ({ values }) => values.join(','),
  csv: ({ values }) => values.join(','),
  text: ({ texts }) => texts.join(' + '),
  pipe: ({ values }) => values.join('|'),
  regex: ({ values }) => oneOf(values.map((each) => each.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))),
  glob: ({ values, one }) => (values.length > 1 ? `{${values.join(',')}}` : one),
  json: ({ values, one, isList }) => JSON.stringify(isList ? values : one),
  singlequote: ({ values }) => values.map((each) => `'${each.replace(/'/g, "\\'")}'`).join(','),
  doublequote: ({ values }) => values.map((each) => `"${each.replace(/"/g, '\\"')}"`).join(','),
  sqlstring: ({ values }) => values.map((each) => `'${each.replace(/'/g, "''")}'`).join(','),
  percentencode: ({ values, one }) => strictly(values.length > 1 ? `{${values.join(',')}}` : one),
  uriencode: ({ values, one }) => encodeURI(values.length > 1 ? `{${values.join(',')}}` : one),
  html: ({ values }) => values.join(', ').replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`),
  distributed: ({ name, values }) =>
    values.map((each, index) => (index === 0 ? each : `${name}=${each}`)).join(','),
  lucene: ({ values, one, isList }) =>
    isList ? `(${values.map((each) => `"${lucene(each)}"`).join(' OR ')})` : lucene(one),
  queryparam: ({ name, values }) => values.map((each) => `var-${name}=${strictly(each)}`).join('&'),
  customqueryparam: ({ name, values }, [as = name, prefix = '']) =>
    values.map((each) => `${as}=${prefix}${strictly(each)}`).join('&'),
  join: ({ values }, rest) => values.join(rest.length > 0 ? rest.join(':') : ','),
  date: ({ one }, rest) => dateOf(Number(one), rest.join(':')),
};

/** Of ms since epoch: ISO 8601, whole seconds, or the letters of moment.js (YYYY, MM, DD, HH, mm, ss), in UTC. */
function dateOf(ms: number, pattern: string): string {
  if (!Number.isFinite(ms)) return 'NaN';
  if (pattern === 'seconds') return String(Math.round(ms / 1000));
  const iso = new Date(ms).toISOString();
  if (pattern === '' || pattern === 'iso') return iso;
  const parts: Record<string, string> = {
    ...{ YYYY: iso.slice(0, 4), YY: iso.slice(2, 4), MM: iso.slice(5, 7), DD: iso.slice(8, 10) },
    ...{ HH: iso.slice(11, 13), mm: iso.slice(14, 16), ss: iso.slice(17, 19), SSS: iso.slice(20, 23) },
    ...{ X: String(Math.floor(ms / 1000)), x: String(ms) },
  };
  return pattern.replace(/YYYY|YY|MM|DD|HH|mm|SSS|ss|X|x/g, (letters) => parts[letters]!);
}

function oneOf(values: string[]): string {
  return values.length === 1 ? values[0]! : values.length === 0 ? '' : `(${values.join('|')})`;
}

/** For a matcher with = : a backslash and a single quote. Rules: grafana-prometheus, escaping of variables. */
function escapeForString(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/'/g, "\\\\'");
}

/** For a matcher with =~ : escaped once for the regular expression and once for the PromQL string. */
function escapeForRegex(value: string): string {
  return value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');
}

/** encodeURIComponent leaves !'()* as they are. */
function strictly(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function lucene(value: string): string {
  return value.replace(/([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g, '\\$1');
}

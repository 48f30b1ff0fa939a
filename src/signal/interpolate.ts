import type { VariableValue } from './variables.ts';

/** `$name`, `[[name]]`, `[[name:format]]`, `${name}`, `${name:format}`: Grafana's syntaxes of a variable. */
const syntax = /\$(\w+)|\[\[(\w+)(?::(\w+))?\]\]|\$\{(\w+)(?:\.\w+)?(?::(\w+))?\}/g;

/**
 * Fills variables into a query, also inside double quotes (that is where they are). Names that nothing is known of
 * are left and reported; `$1` of label_replace is no variable.
 */
export function interpolate(
  query: string,
  variables: Readonly<Record<string, VariableValue>>,
  builtIn: Readonly<Record<string, string>> = {},
): { text: string; unresolved: string[] } {
  const unresolved = new Set<string>();
  const text = query.replace(syntax, (match, ...groups: (string | undefined)[]) => {
    const [plain, bracketed, bracketFormat, braced, braceFormat] = groups;
    const name = (plain ?? bracketed ?? braced)!;
    const format = bracketFormat ?? braceFormat;
    if (Object.hasOwn(builtIn, name)) return builtIn[name]!;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value) return formatValue(value, format);
    if (!/^\d+$/.test(name)) unresolved.add(name);
    return match;
  });
  return { text, unresolved: [...unresolved] };
}

/** The names of variables in a query. */
export function variableNames(query: string): string[] {
  return [...query.matchAll(syntax)].map(([, plain, bracketed, , braced]) => (plain ?? bracketed ?? braced)!);
}

/** Formats as Grafana names them; without one, as its Prometheus data source does it. */
function formatValue(value: VariableValue, format: string | undefined): string {
  // A custom "all" value is taken as it is written.
  if (value.verbatim !== undefined) return value.verbatim;
  const { values, multi } = value;
  switch (format) {
    case undefined:
      return multi ? oneOf(values.map(escapeForRegex)) : values.map(escapeForString).join(',');
    case 'raw':
    case 'csv':
    case 'text':
      return values.join(format === 'text' ? ' + ' : ',');
    case 'pipe':
      return values.join('|');
    case 'regex':
      return oneOf(values.map((each) => each.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')));
    case 'glob':
      return values.length > 1 ? `{${values.join(',')}}` : (values[0] ?? '');
    case 'json':
      return JSON.stringify(values);
    case 'singlequote':
      return values.map((each) => `'${each.replace(/'/g, "\\'")}'`).join(',');
    case 'doublequote':
      return values.map((each) => `"${each.replace(/"/g, '\\"')}"`).join(',');
    case 'percentencode':
      return encodeURIComponent(values.join(','));
    default:
      return oneOf(values.map(escapeForRegex));
  }
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

import { formatValue } from './formats.ts';
import type { VariableValue } from './variable.ts';

/** `$name`, `[[name]]`, `[[name:format]]`, `${name}`, `${name.field:format}`: Grafana's syntaxes of a variable. */
const syntax = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}/g;

/** Values that a dashboard has without being asked for; those of `a.b` have the field in their name. */
export type BuiltIns = Readonly<Record<string, string>>;

/**
 * Fills variables into a query, also inside double quotes (that is where they are). Names that nothing is known of
 * are left and reported; `$1` of label_replace is no variable. `format` is for those that are written without one.
 */
export function interpolate(
  query: string,
  variables: Readonly<Record<string, VariableValue>>,
  builtIns: BuiltIns = {},
  format = 'promql',
): { text: string; unresolved: string[] } {
  const unresolved = new Set<string>();
  const text = query.replace(syntax, (match, ...groups: (string | undefined)[]) => {
    const [plain, bracketed, bracketFormat, braced, field, braceFormat] = groups;
    const name = (plain ?? bracketed ?? braced)!;
    const wanted = bracketFormat ?? braceFormat;
    const builtIn = builtInOf(name, field, builtIns);
    if (builtIn !== undefined)
      return wanted === undefined ? builtIn : formatValue(name, { values: [builtIn], multi: false }, wanted);
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value) return formatValue(name, value, wanted ?? (field === 'text' ? 'text' : format));
    if (!/^\d+$/.test(name)) unresolved.add(name);
    return match;
  });
  return { text, unresolved: [...unresolved] };
}

function builtInOf(name: string, field: string | undefined, builtIns: BuiltIns): string | undefined {
  const key = field === undefined ? name : `${name}.${field}`;
  return Object.hasOwn(builtIns, key) ? builtIns[key] : undefined;
}

/** The names of variables in a query. */
export function variableNames(query: string): string[] {
  return [...query.matchAll(syntax)].map(([, plain, bracketed, , braced]) => (plain ?? bracketed ?? braced)!);
}

import { type Matcher, type MatchOp, matcher } from '../promql/series/matcher.ts';

/** Labels as matchers and routes ask for them: '' where there is none. */
export interface Labels {
  get(name: string): string;
}

/** A label, an operator, a value; quotes may be left out around both. Alertmanager's documentation, "Matcher". */
const form = /^\s*("(?:[^"\\]|\\.)*"|[^\s=!~{}",'`\\]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^"]*?)\s*$/s;

/** Reads one matcher, `owner="checkout"`, `severity=~a|b`. Throws Error, on bad text in Alertmanager's words. */
export function parseMatcher(text: string): Matcher {
  const match = form.exec(text);
  if (!match) throw new Error(`bad matcher format: ${text}`);
  const [, name, op, value] = match;
  return matcher(unquoted(name!), op as MatchOp, unquoted(value!));
}

/** A list in one text: `{a="b", c!="d"}` or without braces. Throws Error. */
export function parseMatchers(text: string): Matcher[] {
  const inner = text.trim().replace(/^\{(.*)\}$/s, '$1');
  const parts = inner.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/gs) ?? [];
  return parts.filter((part) => part.trim() !== '').map(parseMatcher);
}

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ name, matches }) => matches(labels.get(name)));
}

const escapes: Record<string, string> = { n: '\n', '"': '"', '\\': '\\' };

/** A backslash before any other character stays, as in Alertmanager's classic matchers. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, (whole, next: string) => escapes[next] ?? whole);
}

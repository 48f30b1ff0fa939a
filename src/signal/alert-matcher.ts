import { compileRegex } from '../regex.ts';

/** One condition of a route: on one label, which is the empty text where an alert has none. */
export interface AlertMatcher {
  label: string;
  matches(value: string): boolean;
}

/** A label, an operator, a value; quotes may be left out around both. Alertmanager's documentation, "Matcher". */
const form =
  /\s*("(?:[^"\\]|\\.)*"|[^\s=!~{}",'`]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^",]*?)\s*(?:,|$)/sy;

/** Matchers as a text has them: `owner="checkout"`, `{"app.kubernetes.io/name"=~"a|b", severity!=info}`. Throws Error. */
export function parseMatchers(text: string): AlertMatcher[] {
  const inner = text.trim().replace(/^\{(.*)\}$/s, '$1');
  const found: AlertMatcher[] = [];
  let at = 0;
  while (inner.slice(at).trim() !== '') {
    form.lastIndex = at;
    const match = form.exec(inner);
    if (!match) throw new Error(`Expected matchers such as owner="checkout", got ${text}`);
    const [, label = '', operator = '', value = ''] = match;
    found.push(alertMatcher(unquoted(label), operator, unquoted(value)));
    at = form.lastIndex;
  }
  return found;
}

/** Throws RegexError. */
export function alertMatcher(label: string, operator: string, value: string): AlertMatcher {
  const isNegated = operator.startsWith('!');
  if (!operator.endsWith('~')) return { label, matches: (seen) => (seen === value) !== isNegated };
  const expression = compileRegex(value, { wholeText: true });
  return { label, matches: (seen) => expression.test(seen) !== isNegated };
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, (_, next: string) => escapes[next] ?? next);
}

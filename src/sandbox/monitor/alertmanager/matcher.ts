import type { LabelSet } from '../tsdb/labels.ts';
import { type Matcher, type MatchOp, matcher } from '../tsdb/matcher.ts';

/** Reads one matcher, `owner="checkout"`, `severity=~a|b`; quotes may be left out. Throws Error on bad text. */
export function parseMatcher(text: string): Matcher {
  const match = /^\s*("(?:[^"\\]|\\.)*"|[^\s=!~{}"']+)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(text);
  if (!match) throw new Error(`bad matcher format: ${text}`);
  const [, name, op, value] = match;
  return matcher(unquoted(name!), op as MatchOp, unquoted(value!));
}

/** A list in one text: `{a="b", c!="d"}` or without braces. */
export function parseMatchers(text: string): Matcher[] {
  const inner = text.trim().replace(/^\{(.*)\}$/s, '$1');
  const parts = inner.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return parts.filter((part) => part.trim() !== '').map(parseMatcher);
}

export function matchesAll(matchers: readonly Matcher[], labels: LabelSet): boolean {
  return matchers.every(({ name, matches }) => matches(labels.get(name)));
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new Error(`bad matcher format: ${text}`);
  }
}

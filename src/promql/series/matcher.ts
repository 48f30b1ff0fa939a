import { compileRegex } from '../../regex.ts';

export type MatchOp = '=' | '!=' | '=~' | '!~';

/** One label matcher; an absent label has the value ''. */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
  readonly matches: (value: string) => boolean;
}

/** Throws RegexError. */
export function matcher(name: string, op: MatchOp, value: string): Matcher {
  return { name, op, value, matches: predicate(op, value) };
}

function predicate(op: MatchOp, value: string): (value: string) => boolean {
  if (op === '=') return (seen) => seen === value;
  if (op === '!=') return (seen) => seen !== value;
  const test = regexTest(value);
  return op === '=~' ? test : (seen) => !test(seen);
}

/** Alternations of plain words, which dashboards produce for variables, are looked up instead of matched. */
function regexTest(pattern: string): (value: string) => boolean {
  if (/^[\w:/ -]*(\|[\w:/ -]*)*$/.test(pattern)) {
    const words = new Set(pattern.split('|'));
    return (seen) => words.has(seen);
  }
  const regex = compileRegex(pattern, { wholeText: true });
  const known = new Map<string, boolean>();
  return (seen) => {
    let result = known.get(seen);
    if (result === undefined) {
      result = regex.test(seen);
      if (known.size >= 10_000) known.clear();
      known.set(seen, result);
    }
    return result;
  };
}

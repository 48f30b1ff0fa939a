import { parser } from '@prometheus-io/lezer-promql';

/** Where an expression does not parse: `at` is the index of the character. */
export interface SyntaxProblem {
  at: number;
  message: string;
}

/** Why an expression is no PromQL, in Prometheus' own words where that is known without it; undefined if it parses. */
export function syntaxProblem(query: string): SyntaxProblem | undefined {
  let at: number | undefined;
  parser.parse(query).iterate({
    enter: ({ from, type }) => {
      if (type.isError) at ??= from;
    },
  });
  if (at === undefined) return undefined;
  const open = unclosed(query);
  if (open) return { at: open.at, message: `parse error: unclosed ${open.what}` };
  const rest = query.slice(at).trim();
  if (rest === '') return { at, message: 'parse error: unexpected end of input' };
  const name = rest.startsWith('(') ? /[\w:]+\s*$/.exec(query.slice(0, at))?.[0].trim() : undefined;
  if (name) return { at: at - name.length, message: `parse error: unknown function with name "${name}"` };
  return { at, message: `parse error: unexpected "${/^\S+/.exec(rest)?.[0] ?? rest}"` };
}

const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const words: Record<string, string> = { '(': 'left parenthesis', '[': 'left bracket', '{': 'left brace' };

/** The last bracket that nothing closes, or a string without its end. */
function unclosed(query: string): { at: number; what: string } | undefined {
  const stack: { char: string; at: number }[] = [];
  for (let at = 0; at < query.length; at++) {
    const char = query[at]!;
    if (char === '"' || char === "'" || char === '`') {
      let end = at + 1;
      while (end < query.length && query[end] !== char) end += query[end] === '\\' && char !== '`' ? 2 : 1;
      if (end >= query.length) return { at, what: 'string' };
      at = end;
    } else if (char === '#') {
      const end = query.indexOf('\n', at);
      at = end < 0 ? query.length : end;
    } else if (closing[char]) stack.push({ char, at });
    else if (Object.values(closing).includes(char)) {
      if (closing[stack.at(-1)?.char ?? ''] !== char) return undefined;
      stack.pop();
    }
  }
  const open = stack.at(-1);
  return open && { at: open.at, what: words[open.char]! };
}

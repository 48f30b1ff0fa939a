import { type Matcher, type MatchOp, matcher } from '../series/matcher.ts';
import type { VectorSelector } from './ast.ts';
import type { TokenReader } from './token-reader.ts';

/** Reads `{label=~"…"}`, `{"name", …}`, or what may follow a name that was read. */
export function readSelector(
  reader: TokenReader,
  written?: { readonly text: string; readonly from: number },
): VectorSelector {
  const from = written?.from ?? reader.token.from;
  let name = written?.text;
  const matchers: Matcher[] = [];
  if (reader.skip('{')) {
    while (!reader.skip('}')) {
      const { from: at } = reader.token;
      const label = labelName(reader);
      if (reader.is('=', '!=', '=~', '!~')) matchers.push(readMatcher(reader, label.text, at));
      else if (!label.isQuoted) throw reader.unexpected();
      else if (name !== undefined)
        throw reader.error(at, `metric name must not be set twice: "${name}" or "${label.text}"`);
      else name = label.text;
      if (!reader.skip(',') && !reader.is('}')) throw reader.unexpected();
    }
  }
  if (name !== undefined) {
    if (matchers.some((one) => one.name === '__name__'))
      throw reader.error(from, `metric name must not be set twice: "${name}" or __name__`);
    matchers.push(matcher('__name__', '=', name));
  }
  if (matchers.every(({ matches }) => matches('')))
    throw reader.error(from, 'vector selector must contain at least one non-empty matcher');
  const to = reader.end;
  return { kind: 'selector', name, matchers, offsetMs: 0, at: undefined, from, to, bareTo: to };
}

function readMatcher(reader: TokenReader, name: string, at: number): Matcher {
  const op = reader.take().text as MatchOp;
  const value = reader.string();
  try {
    return matcher(name, op, value);
  } catch (cause) {
    throw reader.error(at, (cause as Error).message);
  }
}

/** `(a, b, "c.d")` */
export function readLabels(reader: TokenReader): string[] {
  const labels: string[] = [];
  reader.expect('(');
  while (!reader.skip(')')) {
    labels.push(labelName(reader).text);
    if (!reader.skip(',') && !reader.is(')')) throw reader.unexpected();
  }
  return labels;
}

function labelName(reader: TokenReader): { text: string; isQuoted: boolean } {
  const { kind, text } = reader.token;
  if (kind === 'string') return { text: reader.string(), isQuoted: true };
  if (kind !== 'word' || text.includes(':')) throw reader.unexpected();
  return { text: reader.take().text, isQuoted: false };
}

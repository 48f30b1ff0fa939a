import type { SyntaxNode } from '@lezer/common';
import { type Matcher, type MatchOp, matcher } from '../tsdb/matcher.ts';
import type { VectorSelector } from './ast.ts';
import { parseError } from './error.ts';
import { unquote } from './parse-string.ts';

/** Reads `name{label="value"}`, `{label=~"…"}` or `{"name", …}`. */
export function parseSelector(text: string, node: SyntaxNode): VectorSelector {
  const identifier = node.getChild('Identifier');
  let name = identifier ? text.slice(identifier.from, identifier.to) : undefined;
  const matchers: Matcher[] = [];
  const list = node.getChild('LabelMatchers');
  for (let child = list?.firstChild; child; child = child.nextSibling) {
    if (child.name === 'QuotedLabelName') {
      if (name !== undefined) {
        throw parseError(
          text,
          child.from,
          `metric name must not be set twice: "${name}" or ${textOf(text, child)}`,
        );
      }
      name = unquote(text, child.firstChild!);
    } else if (child.name === 'UnquotedLabelMatcher' || child.name === 'QuotedLabelMatcher') {
      matchers.push(parseMatcher(text, child));
    }
  }
  if (name !== undefined) {
    if (matchers.some((one) => one.name === '__name__')) {
      throw parseError(text, node.from, `metric name must not be set twice: "${name}" or __name__`);
    }
    matchers.push(matcher('__name__', '=', name));
  }
  if (matchers.every(({ matches }) => matches(''))) {
    throw parseError(text, node.from, 'vector selector must contain at least one non-empty matcher');
  }
  return { kind: 'selector', name, matchers, offsetMs: 0, at: undefined, from: node.from, to: node.to };
}

function parseMatcher(text: string, node: SyntaxNode): Matcher {
  const quoted = node.getChild('QuotedLabelName');
  const name = quoted ? unquote(text, quoted.firstChild!) : textOf(text, node.getChild('LabelName')!);
  const op = textOf(text, node.getChild('MatchOp')!) as MatchOp;
  const value = unquote(text, node.getChild('StringLiteral')!);
  try {
    return matcher(name, op, value);
  } catch (cause) {
    throw parseError(text, node.from, (cause as Error).message);
  }
}

function textOf(text: string, node: SyntaxNode): string {
  return text.slice(node.from, node.to);
}

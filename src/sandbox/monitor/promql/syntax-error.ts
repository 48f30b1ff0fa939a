import type { SyntaxNode, Tree } from '@lezer/common';
import { type PromqlError, parseError } from './error.ts';

/** The first syntax error of a tree, if any: the grammar marks where it could not go on. */
export function syntaxError(tree: Tree, text: string): PromqlError | undefined {
  let found: SyntaxNode | undefined;
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) found ??= node.node;
      return found === undefined;
    },
  });
  if (!found) return undefined;
  const call = /([A-Za-z_:][\w:]*)\s*$/.exec(text.slice(0, found.from));
  const rest = text.slice(found.from);
  if (call && rest.startsWith('(')) {
    return parseError(text, call.index, `unknown function with name "${call[1]}"`);
  }
  const offset = found.from + /^\s*/.exec(rest)![0].length;
  const unexpected = describe(text.slice(offset));
  return parseError(text, offset, unexpected);
}

function describe(rest: string): string {
  if (rest === '') return 'unexpected end of input';
  const word = /^[A-Za-z_:][\w:]*/.exec(rest);
  if (word) return `unexpected identifier "${word[0]}"`;
  const number = /^\d[\w.]*/.exec(rest);
  if (number) return `unexpected number "${number[0]}"`;
  if (/^["'`]/.test(rest)) return `unexpected string ${/^(["'`]).*?(\1|$)/s.exec(rest)![0]}`;
  return `unexpected ${JSON.stringify(rest[0])}`;
}

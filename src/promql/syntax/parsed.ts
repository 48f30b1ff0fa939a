import { PromqlError } from '../error.ts';
import type { Expr, VectorSelector } from './ast.ts';
import { parseAny } from './parse.ts';
import { walk } from './walk.ts';

/** An expression to be looked at, not evaluated; undefined where it does not parse. */
export function parsed(text: string): Expr | undefined {
  try {
    return parseAny(text).expr;
  } catch (error) {
    if (error instanceof PromqlError) return undefined;
    throw error;
  }
}

/** The vector selectors of an expression in order; [] where it does not parse. */
export function selectorsIn(text: string): VectorSelector[] {
  const expr = parsed(text);
  return expr ? [...walk(expr)].filter((part) => part.kind === 'selector') : [];
}

/** The metric names that an expression selects, in order, without repeats; [] where it does not parse. */
export function metricNames(text: string): string[] {
  const names = selectorsIn(text).flatMap(({ matchers }) =>
    // A regular expression is kept as it stands.
    matchers.flatMap(({ name, op, value }) =>
      name === '__name__' && (op === '=' || op === '=~') ? value.split('|') : [],
    ),
  );
  return [...new Set(names)];
}

import { functions } from '../functions/registry.ts';
import type { Series } from '../series/source.ts';
import type { At, Expr, VectorSelector } from '../syntax/ast.ts';
import { anchor } from './select.ts';

/** Times of evaluation, ms since epoch, both inclusive. Empty where `from` is later than `to`. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

const ALWAYS: Extent = { from: -Infinity, to: Infinity };
const NEVER: Extent = { from: Infinity, to: -Infinity };

/** Functions that give an answer where their argument gives none. */
const ANSWERS_TO_NOTHING = new Set(['absent', 'absent_over_time', 'scalar', 'vector']);

/**
 * When an expression can have a result at all: outside of it is certainly empty. A subquery over a year is asked only
 * where there are samples. Wider than needed is right, narrower is not.
 */
export function extentOf(
  expr: Expr,
  world: {
    lookbackMs: number;
    start: number;
    end: number;
    select: (selector: VectorSelector) => readonly Series[];
  },
): Extent {
  const of = (part: Expr): Extent => {
    switch (part.kind) {
      case 'number':
      case 'string':
        return ALWAYS;
      case 'selector':
        return ofSelector(part, world.lookbackMs);
      case 'matrix':
        return ofSelector(part.selector, part.rangeMs);
      case 'subquery':
        return moved(of(part.expr), part.offsetMs, part.rangeMs, part.at);
      case 'paren':
      case 'unary':
        return of(part.expr);
      case 'aggregation':
        return of(part.expr);
      case 'call': {
        const vectors = part.args.filter((_, i) => isVector(functions.get(part.name)?.args, i));
        if (ANSWERS_TO_NOTHING.has(part.name) || vectors.length === 0) return ALWAYS;
        return vectors.map(of).reduce(both);
      }
      case 'binary': {
        const [left, right] = [of(part.left), of(part.right)];
        if (part.op === 'or') return either(left, right);
        return part.op === 'unless' ? left : both(left, right);
      }
    }
  };
  const ofSelector = (selector: VectorSelector, reachMs: number): Extent => {
    let [from, to] = [Infinity, -Infinity];
    for (const series of world.select(selector)) {
      from = Math.min(from, series.firstTime);
      to = Math.max(to, series.lastTime);
    }
    return moved(from > to ? NEVER : { from, to }, selector.offsetMs, reachMs, selector.at);
  };
  /** When something that is there in `extent` is seen from, looking back by `reachMs`. */
  const moved = (extent: Extent, offsetMs: number, reachMs: number, at: At | undefined): Extent => {
    const seen = { from: extent.from + offsetMs, to: extent.to + offsetMs + reachMs };
    if (at === undefined) return seen;
    const fixed = anchor(at, world);
    return fixed >= seen.from && fixed <= seen.to ? ALWAYS : NEVER;
  };
  return of(expr);
}

function isVector(types: readonly string[] | undefined, index: number): boolean {
  const type = types?.[Math.min(index, types.length - 1)];
  return type === 'instant vector' || type === 'range vector';
}

function both(a: Extent, b: Extent): Extent {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}

function either(a: Extent, b: Extent): Extent {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

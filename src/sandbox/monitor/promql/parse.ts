import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import {
  type At,
  type Expr,
  type Matching,
  SET_OPERATORS,
  type Subquery,
  type VectorSelector,
} from './ast.ts';
import { parseError, unsupported } from './error.ts';
import { parseDurationExpression, parseNumber } from './parse-number.ts';
import { parseSelector } from './parse-selector.ts';
import { unquote } from './parse-string.ts';
import { syntaxError } from './syntax-error.ts';
import { checkTypes, typeOf } from './types.ts';
import { formatValue } from './value.ts';

/** Reads a PromQL expression. Throws PromqlError with line and column for text that is none. */
export function parse(text: string): Expr {
  if (text.trim() === '') throw parseError(text, 0, 'no expression found in input');
  if (text.length > LONGEST_TEXT)
    throw parseError(text, 0, `expected at most ${LONGEST_TEXT} characters, got ${text.length}`);
  // The grammar knows functions by their names: the old name of one stands as another of the same length.
  const tree = parser.parse(text.replace(/\bholt_winters(?=\s*\()/g, 'day_of_month'));
  const deep = tooDeep(tree);
  if (deep !== undefined) throw parseError(text, deep, `nested more than ${DEEPEST} levels`);
  const problem = syntaxError(tree, text);
  if (problem) throw problem;
  const root = tree.topNode.firstChild;
  if (!root) throw parseError(text, 0, 'no expression found in input');
  let expr = root;
  while (expr.name === 'LineComment' && expr.nextSibling) expr = expr.nextSibling;
  const parsed = new ExpressionReader(text).read(expr);
  checkTypes(parsed, text);
  return parsed;
}

/** Longest text in characters: more takes longer to parse than anybody else should wait. */
const LONGEST_TEXT = 500_000;
/** Deepest level of the syntax tree: what is deeper ends the stack of whatever walks it. */
const DEEPEST = 1000;

/** Offset of the first node that is too deep. */
function tooDeep(tree: Tree): number | undefined {
  const cursor = tree.cursor();
  for (let depth = 0; ; ) {
    if (cursor.firstChild()) {
      if (++depth > DEEPEST) return cursor.from;
      continue;
    }
    while (!cursor.nextSibling()) {
      if (!cursor.parent()) return undefined;
      depth--;
    }
  }
}

/** From lezer's syntax tree to ours. */
class ExpressionReader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read(node: SyntaxNode): Expr {
    const span = { from: node.from, to: node.to };
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { ...span, kind: 'number', value: parseNumber(this.#slice(node)) };
      case 'StringLiteral':
        return { ...span, kind: 'string', value: unquote(this.#text, node) };
      case 'VectorSelector':
        return parseSelector(this.#text, node);
      case 'ParenExpr':
        return { ...span, kind: 'paren', expr: this.read(parts(node)[0]!) };
      case 'UnaryExpr':
        return this.#unary(node);
      case 'BinaryExpr':
        return this.#binary(node);
      case 'FunctionCall': {
        const name = this.#slice(node.getChild('FunctionIdentifier')!);
        return { ...span, kind: 'call', name, args: this.#arguments(node) };
      }
      case 'AggregateExpr':
        return this.#aggregation(node);
      case 'MatrixSelector': {
        const [inner, range] = parts(node);
        const rangeMs = this.#positive(range!);
        return rightmost(this.read(inner!), (selector) => {
          if (selector.kind !== 'selector') {
            throw this.#error(inner!, 'ranges only allowed for vector selectors');
          }
          if (selector.offsetMs !== 0) throw this.#error(node, 'no offset modifiers allowed before range');
          if (selector.at !== undefined) throw this.#error(node, 'no @ modifiers allowed before range');
          return { from: selector.from, to: node.to, kind: 'matrix', selector, rangeMs };
        });
      }
      case 'SubqueryExpr': {
        const [inner, range, step] = parts(node);
        const rangeMs = this.#positive(range!);
        const stepMs = step ? this.#positive(step) : undefined;
        return rightmost(this.read(inner!), (expr) => ({
          from: expr.from,
          to: node.to,
          kind: 'subquery',
          expr,
          rangeMs,
          stepMs,
          offsetMs: 0,
          at: undefined,
        }));
      }
      case 'OffsetExpr': {
        const duration = parts(node).at(-1)!;
        const offsetMs = parseDurationExpression(this.#text, duration);
        return this.#modified(node, 'offset', (target) => {
          if (target.offsetMs !== 0) throw this.#error(node, 'offset may not be set multiple times');
          return { ...target, offsetMs };
        });
      }
      case 'StepInvariantExpr': {
        const at = this.#at(node);
        return this.#modified(node, '@', (target) => {
          if (target.at !== undefined) throw this.#error(node, '@ <timestamp> may not be set multiple times');
          return { ...target, at };
        });
      }
      default:
        throw unsupported(`${node.name} (${this.#slice(node)})`);
    }
  }

  #slice(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to);
  }

  #error(node: SyntaxNode, message: string) {
    return parseError(this.#text, node.from, message);
  }

  #positive(node: SyntaxNode): number {
    const ms = parseDurationExpression(this.#text, node);
    if (ms <= 0) throw this.#error(node, 'duration must be greater than 0');
    return ms;
  }

  /** Offset and @ belong to the selector or subquery right before them, inside of a sign. */
  #modified(
    node: SyntaxNode,
    word: string,
    change: <T extends VectorSelector | Subquery>(target: T) => T,
  ): Expr {
    return rightmost(this.read(parts(node)[0]!), (target) => {
      const to = node.to;
      if (target.kind === 'selector' || target.kind === 'subquery') return { ...change(target), to };
      if (target.kind === 'matrix') return { ...target, selector: change(target.selector), to };
      throw this.#error(
        node,
        `${word} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
      );
    });
  }

  #at(node: SyntaxNode): At {
    const preprocessor = node.getChild('AtModifierPreprocessors');
    if (preprocessor) return preprocessor.getChild('AtStart') ? 'start' : 'end';
    const seconds = parseNumber(this.#slice(parts(node).at(-1)!));
    if (!(Math.abs(seconds * 1000) < 2 ** 63))
      throw this.#error(node, `timestamp out of bounds for @ modifier: ${formatValue(seconds)}`);
    return Math.round(seconds * 1000);
  }

  #unary(node: SyntaxNode): Expr {
    const op = this.#slice(node.getChild('UnaryOp')!) as '-' | '+';
    const expr = this.read(parts(node).at(-1)!);
    if (expr.kind === 'number') {
      return { kind: 'number', value: op === '-' ? -expr.value : expr.value, from: node.from, to: node.to };
    }
    return { kind: 'unary', op, expr, from: node.from, to: node.to };
  }

  #binary(node: SyntaxNode): Expr {
    const span = { from: node.from, to: node.to };
    const children = parts(node);
    const operator = children[1]!;
    const op = this.#slice(operator).toLowerCase();
    if (['TrimUpper', 'TrimLower'].includes(operator.name)) throw unsupported(`operator "${op}"`);
    if (node.getChild('FillModifier')) throw unsupported('fill modifier');
    const left = this.read(children[0]!);
    const right = this.read(children.at(-1)!);
    const bool = node.getChild('BoolModifier') !== null;
    const matching = this.#matching(node, op, left, right);
    // The grammar reads `-2 ^ 2` as `(-2) ^ 2`; in Prometheus the sign binds weaker than the power.
    const sign = this.#text[node.from];
    if (op === '^' && left.kind === 'number' && (sign === '-' || sign === '+')) {
      const base: Expr = { ...left, value: sign === '-' ? -left.value : left.value };
      const power: Expr = { ...span, kind: 'binary', op, bool, left: base, right, matching };
      return { ...span, kind: 'unary', op: sign, expr: power };
    }
    return { ...span, kind: 'binary', op, bool, left, right, matching };
  }

  #matching(node: SyntaxNode, op: string, left: Expr, right: Expr): Matching | undefined {
    const clause = node.getChild('MatchingModifierClause');
    const vectors = typeOf(left) === 'instant vector' && typeOf(right) === 'instant vector';
    const isSet = SET_OPERATORS.has(op);
    if (!clause) {
      return vectors ? { on: false, labels: [], many: isSet ? 'both' : 'none', include: [] } : undefined;
    }
    const [labels, include] = clause.getChildren('GroupingLabels').map((list) => this.#labels(list));
    const on = clause.getChild('On') !== null;
    const many = clause.getChild('GroupLeft') ? 'left' : clause.getChild('GroupRight') ? 'right' : 'none';
    if (isSet && many !== 'none') {
      throw this.#error(clause, `no grouping allowed for "${op}" operation`);
    }
    const both = include?.find((label) => on && labels!.includes(label));
    if (both) throw this.#error(clause, `label "${both}" must not occur in ON and GROUP clause at once`);
    return { on, labels: labels!, many: isSet ? 'both' : many, include: include ?? [] };
  }

  #aggregation(node: SyntaxNode): Expr {
    const op = this.#slice(node.getChild('AggregateOp')!).toLowerCase();
    const args = this.#arguments(node);
    const hasParam = ['topk', 'bottomk', 'quantile', 'count_values', 'limitk', 'limit_ratio'].includes(op);
    const expected = hasParam ? 2 : 1;
    if (args.length !== expected) {
      throw this.#error(
        node,
        `wrong number of arguments for aggregate expression provided, expected ${expected}, got ${args.length}`,
      );
    }
    const modifier = node.getChild('AggregateModifier');
    const list = modifier?.getChild('GroupingLabels');
    return {
      kind: 'aggregation',
      op,
      param: hasParam ? args[0] : undefined,
      expr: args.at(-1)!,
      labels: list ? this.#labels(list) : [],
      without: modifier?.getChild('Without') != null,
      from: node.from,
      to: node.to,
    };
  }

  #arguments(node: SyntaxNode): Expr[] {
    return parts(node.getChild('FunctionCallBody')!).map((argument) => this.read(argument));
  }

  #labels(list: SyntaxNode): string[] {
    return parts(list).map((label) =>
      label.name === 'QuotedLabelName' ? unquote(this.#text, label.firstChild!) : this.#slice(label),
    );
  }
}

/**
 * Applies a postfix (range, offset, @) to the operand right before it: the grammar reads `a + b offset 5m` as
 * `(a + b) offset 5m`, Prometheus binds a postfix tighter than any operator and sign.
 */
function rightmost(expr: Expr, change: (operand: Expr) => Expr): Expr {
  if (expr.kind === 'binary') return { ...expr, right: rightmost(expr.right, change) };
  if (expr.kind === 'unary') return { ...expr, expr: rightmost(expr.expr, change) };
  return change(expr);
}

/** Children without comments. */
function parts(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child);
  }
  return children;
}

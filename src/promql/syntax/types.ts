import { parseError, unsupported } from '../error.ts';
import { signature } from '../functions/registry.ts';
import { COMPARISONS, type Expr, SET_OPERATORS, type ValueType } from './ast.ts';

export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
    case 'aggregation':
      return 'instant vector';
    case 'matrix':
    case 'subquery':
      return 'range vector';
    case 'call':
      return signature(expr.name)?.returns ?? 'instant vector';
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'instant vector';
    case 'unary':
    case 'paren':
      return typeOf(expr.expr);
  }
}

/** Throws a parse error, in Prometheus' words, where a part has the wrong type. */
export function checkTypes(expr: Expr, text: string): void {
  const fail = (at: Expr, message: string): never => {
    throw parseError(text, at.from, message);
  };
  const expect = (part: Expr, wanted: ValueType, where: string): void => {
    const got = typeOf(part);
    if (got !== wanted) fail(part, `expected type ${wanted} in ${where}, got ${got}`);
  };
  const check = (part: Expr): void => {
    switch (part.kind) {
      case 'call':
        checkCall(part);
        break;
      case 'aggregation': {
        if (part.param) {
          check(part.param);
          expect(part.param, part.op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
        }
        check(part.expr);
        expect(part.expr, 'instant vector', 'aggregation expression');
        break;
      }
      case 'binary':
        checkBinary(part);
        break;
      case 'unary': {
        check(part.expr);
        const type = typeOf(part.expr);
        if (type !== 'scalar' && type !== 'instant vector') {
          fail(
            part,
            `unary expression only allowed on expressions of type scalar or instant vector, got "${type}"`,
          );
        }
        break;
      }
      case 'paren':
        check(part.expr);
        break;
      case 'subquery': {
        check(part.expr);
        const type = typeOf(part.expr);
        if (type !== 'instant vector') {
          fail(part, `subquery is only allowed on instant vector, got ${type} instead`);
        }
        break;
      }
    }
  };
  const checkCall = (call: Expr & { kind: 'call' }): void => {
    const known = signature(call.name);
    if (!known) throw unsupported(`function "${call.name}"`);
    const least = known.args.length - (known.optional ?? 0);
    const count = call.args.length;
    const argument = `argument(s) in call to "${call.name}", got ${count}`;
    if (count < least) {
      fail(call, `expected ${known.optional ? 'at least ' : ''}${least} ${argument}`);
    }
    if (!known.variadic && count > known.args.length) {
      fail(call, `expected ${known.optional ? 'at most ' : ''}${known.args.length} ${argument}`);
    }
    call.args.forEach((arg, i) => {
      check(arg);
      expect(arg, known.args[Math.min(i, known.args.length - 1)]!, `call to function "${call.name}"`);
    });
  };
  const checkBinary = (binary: Expr & { kind: 'binary' }): void => {
    check(binary.left);
    check(binary.right);
    const left = typeOf(binary.left);
    const right = typeOf(binary.right);
    for (const type of [left, right]) {
      if (type !== 'scalar' && type !== 'instant vector') {
        fail(binary, 'binary expression must contain only scalar and instant vector types');
      }
    }
    const scalars = Number(left === 'scalar') + Number(right === 'scalar');
    if (SET_OPERATORS.has(binary.op) && scalars > 0) {
      fail(binary, `set operator "${binary.op}" not allowed in binary scalar expression`);
    }
    if (binary.bool && !COMPARISONS.has(binary.op)) {
      fail(binary, 'bool modifier can only be used on comparison operators');
    }
    if (COMPARISONS.has(binary.op) && scalars === 2 && !binary.bool) {
      fail(binary, 'comparisons between scalars must use BOOL modifier');
    }
    if (binary.matching && scalars > 0 && (binary.matching.labels.length > 0 || binary.matching.on)) {
      fail(binary, 'vector matching only allowed between instant vectors');
    }
  };
  check(expr);
}

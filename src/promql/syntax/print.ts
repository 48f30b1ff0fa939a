import { formatDuration } from '../duration.ts';
import { formatValue } from '../value.ts';
import type { At, Expr, Matching, VectorSelector } from './ast.ts';

/** The canonical text of an expression, as Prometheus shows it for rules. Parsing it gives the expression back. */
export function print(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return formatValue(expr.value);
    case 'string':
      return JSON.stringify(expr.value);
    case 'paren':
      return `(${print(expr.expr)})`;
    case 'unary':
      return `${expr.op}${print(expr.expr)}`;
    case 'selector':
      return printSelector(expr) + modifiers(expr.offsetMs, expr.at);
    case 'matrix':
      return `${printSelector(expr.selector)}[${formatDuration(expr.rangeMs)}]${modifiers(expr.selector.offsetMs, expr.selector.at)}`;
    case 'subquery': {
      const step = expr.stepMs === undefined ? '' : formatDuration(expr.stepMs);
      return `${print(expr.expr)}[${formatDuration(expr.rangeMs)}:${step}]${modifiers(expr.offsetMs, expr.at)}`;
    }
    case 'call':
      return `${expr.name}(${expr.args.map(print).join(', ')})`;
    case 'aggregation': {
      const args = [expr.param, expr.expr].filter((part) => part !== undefined).map(print);
      const grouping = expr.without || expr.labels.length > 0;
      const clause = grouping
        ? ` ${expr.without ? 'without' : 'by'} (${expr.labels.map(labelName).join(', ')}) `
        : '';
      return `${expr.op}${clause}(${args.join(', ')})`;
    }
    case 'binary':
      return `${print(expr.left)} ${expr.op}${expr.bool ? ' bool' : ''}${matching(expr.matching)} ${print(expr.right)}`;
  }
}

function printSelector({ name, matchers }: VectorSelector): string {
  const plain = name !== undefined && /^[A-Za-z_:][\w:]*$/.test(name);
  const parts = matchers
    .filter((matcher) => !(matcher.name === '__name__' && name !== undefined))
    .map((matcher) => `${labelName(matcher.name)}${matcher.op}${JSON.stringify(matcher.value)}`)
    .sort();
  if (name !== undefined && !plain) parts.unshift(JSON.stringify(name));
  const braces = parts.length > 0 ? `{${parts.join(',')}}` : '';
  return plain ? name + braces : braces;
}

function labelName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function modifiers(offsetMs: number, at: At | undefined): string {
  const pin = at === undefined ? '' : typeof at === 'number' ? ` @ ${(at / 1000).toFixed(3)}` : ` @ ${at}()`;
  return pin + (offsetMs === 0 ? '' : ` offset ${formatDuration(offsetMs)}`);
}

function matching(clause: Matching | undefined): string {
  if (
    !clause ||
    (!clause.on && clause.labels.length === 0 && (clause.many === 'none' || clause.many === 'both'))
  ) {
    return '';
  }
  const list = (labels: readonly string[]) => `(${labels.map(labelName).join(', ')})`;
  const group =
    clause.many === 'left' || clause.many === 'right' ? ` group_${clause.many} ${list(clause.include)}` : '';
  return ` ${clause.on ? 'on' : 'ignoring'} ${list(clause.labels)}${group}`;
}

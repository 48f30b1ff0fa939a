import { SyntaxProblem } from './syntax.ts';

const BINARY: Record<string, { rank: number; apply: (a: number, b: number) => number }> = {
  '||': { rank: 1, apply: (a, b) => Number(a !== 0 || b !== 0) },
  '&&': { rank: 2, apply: (a, b) => Number(a !== 0 && b !== 0) },
  '==': { rank: 3, apply: (a, b) => Number(a === b) },
  '!=': { rank: 3, apply: (a, b) => Number(a !== b) },
  '<=': { rank: 4, apply: (a, b) => Number(a <= b) },
  '>=': { rank: 4, apply: (a, b) => Number(a >= b) },
  '<': { rank: 4, apply: (a, b) => Number(a < b) },
  '>': { rank: 4, apply: (a, b) => Number(a > b) },
  '+': { rank: 5, apply: (a, b) => a + b },
  '-': { rank: 5, apply: (a, b) => a - b },
  '*': { rank: 6, apply: (a, b) => a * b },
  '/': { rank: 6, apply: (a, b) => Math.trunc(divide(a, b)) },
  '%': { rank: 6, apply: (a, b) => a - b * Math.trunc(divide(a, b)) },
};

/** The value of a shell's arithmetic: integers, variables by name, the usual operators. */
export function evaluateArithmetic(text: string, variable: (name: string) => string | undefined): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|\$\w+|\|\||&&|[=!<>]=|[-+*/%()<>!]|\S/g) ?? ['0'];
  let at = 0;
  const primary = (): number => {
    const token = tokens[at++] ?? '';
    if (token === '(') {
      const value = binary(1);
      at++;
      return value;
    }
    if (token === '-') return -primary();
    if (token === '+') return primary();
    if (token === '!') return Number(primary() === 0);
    if (/^\d+$/.test(token)) return Number(token);
    if (/^\$?[A-Za-z_]\w*$/.test(token)) return Number(variable(token.replace('$', '')) || 0) || 0;
    throw new SyntaxProblem('arithmetic syntax error');
  };
  const binary = (rank: number): number => {
    let left = primary();
    for (
      let operator = BINARY[tokens[at] ?? ''];
      operator && operator.rank >= rank;
      operator = BINARY[tokens[at] ?? '']
    ) {
      at++;
      left = operator.apply(left, binary(operator.rank + 1));
    }
    return left;
  };
  const value = binary(1);
  if (at < tokens.length) throw new SyntaxProblem('arithmetic syntax error');
  return value;
}

function divide(a: number, b: number): number {
  if (b === 0) throw new SyntaxProblem('divide by zero');
  return a / b;
}

import type { RunningShell } from './running.ts';

const NUMBERS: Record<string, (a: number, b: number) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

/** The condition of `test` and `[`. */
export function evaluateTest(args: string[], shell: RunningShell): boolean {
  for (const [operator, all] of [
    ['-o', false],
    ['-a', true],
  ] as const) {
    const at = args.indexOf(operator);
    if (at <= 0) continue;
    const sides = [args.slice(0, at), args.slice(at + 1)].map((side) => evaluateTest(side, shell));
    return all ? sides.every(Boolean) : sides.some(Boolean);
  }
  if (args[0] === '!') return !evaluateTest(args.slice(1), shell);
  const [first = '', second, third = ''] = args;
  if (args.length === 0) return false;
  if (args.length === 1) return first !== '';
  if (args.length === 2) return unary(first, second!, shell);
  if (second === '=' || second === '==') return first === third;
  if (second === '!=') return first !== third;
  return NUMBERS[second!]?.(Number(first), Number(third)) ?? false;
}

function unary(operator: string, value: string, shell: RunningShell): boolean {
  const { files } = shell.host;
  const path = files.resolve(shell.state.cwd, value);
  switch (operator) {
    case '-n':
      return value !== '';
    case '-z':
      return value === '';
    case '-e':
    case '-r':
    case '-w':
      return files.exists(path);
    case '-f':
      return files.exists(path) && files.stat(path).isFile();
    case '-d':
      return files.exists(path) && files.stat(path).isDirectory();
    case '-s':
      return files.exists(path) && files.stat(path).size > 0;
    default:
      return false;
  }
}

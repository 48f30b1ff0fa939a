/** Label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k` (apimachinery/pkg/labels/selector.go). */
import { fieldOf } from './json.ts';
import { badRequest } from './status.ts';

export interface Requirement {
  key: string;
  operator: 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
  values: string[];
}

type Labels = Record<string, string> | undefined;

/** Words, and the symbols that separate them. The end is an empty token. */
function tokens(text: string): string[] {
  return [...(text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? []), ''];
}

const comparisons: Record<string, Requirement['operator']> = {
  '=': 'in',
  '==': 'in',
  '!=': 'notin',
  '>': 'gt',
  '<': 'lt',
};
const isWord = (token: string) => /^[^=!<>(),]+$/.test(token);

/** Throws ApiError 400 in the words of the real parser. */
export function parseLabelSelector(text: string): Requirement[] {
  const list = tokens(text);
  const requirements: Requirement[] = [];
  let at = 0;
  const fail = (message: string) => badRequest(message);
  while (list[at] !== '') {
    const token = list[at]!;
    if (token !== '!' && !isWord(token)) {
      throw fail(`found '${token}', expected: !, identifier, or 'end of string'`);
    }
    const [requirement, next] = parseRequirement(list, at);
    requirements.push(requirement);
    at = next;
    const end = list[at]!;
    if (end === '') break;
    if (end !== ',') throw fail(`found '${end}', expected: ',' or 'end of string'`);
    at += 1;
    const after = list[at]!;
    if (after !== '!' && !isWord(after)) throw fail(`found '${after}', expected: identifier after ','`);
  }
  return requirements;
}

function parseRequirement(list: string[], start: number): [Requirement, next: number] {
  const fail = (message: string) => badRequest(`unable to parse requirement: ${message}`);
  const isNegated = list[start] === '!';
  const key = list[isNegated ? start + 1 : start]!;
  let at = start + (isNegated ? 2 : 1);
  const operator = list[at]!;
  if (isNegated) return [{ key, operator: '!', values: [] }, at];
  if (operator === '' || operator === ',') return [{ key, operator: 'exists', values: [] }, at];
  at += 1;
  if (operator === 'in' || operator === 'notin') {
    const [values, next] = parseValues(list, at, fail);
    return [{ key, operator, values }, next];
  }
  const kind = comparisons[operator];
  if (!kind) throw fail(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  const value = isWord(list[at]!) ? list[at++]! : '';
  if ((kind === 'gt' || kind === 'lt') && !/^-?\d+$/.test(value)) {
    throw fail(
      `values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  return [{ key, operator: kind, values: [value] }, at];
}

function parseValues(list: string[], start: number, fail: (message: string) => Error): [string[], number] {
  let at = start;
  if (list[at] !== '(') throw fail(`found '${list[at]}' expected: '('`);
  const values: string[] = [];
  for (at += 1; ; at += 1) {
    if (isWord(list[at]!)) values.push(list[at++]!);
    else values.push('');
    if (list[at] === ')') return [values, at + 1];
    if (list[at] !== ',') throw fail(`found '${list[at]}', expected: ',' or ')'`);
  }
}

export function matchesLabels(requirements: Requirement[], labels: Labels): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = fieldOf(labels ?? {}, key) as string | undefined;
    if (operator === 'exists') return value !== undefined;
    if (operator === '!') return value === undefined;
    if (operator === 'in') return value !== undefined && values.includes(value);
    if (operator === 'notin') return value === undefined || !values.includes(value);
    const [left, right] = [Number(value), Number(values[0])];
    return value !== undefined && Number.isInteger(left) && (operator === 'gt' ? left > right : left < right);
  });
}

/** Label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
import { badRequest } from './status.ts';

export interface Requirement {
  key: string;
  operator: 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
  values: string[];
}

type Labels = Record<string, string> | undefined;

/** Throws ApiError 400 as the real parser words it. */
export function parseLabelSelector(text: string): Requirement[] {
  const requirements: Requirement[] = [];
  for (const part of splitTop(text)) {
    const trimmed = part.trim();
    if (trimmed === '' && text.trim() === '') return [];
    const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(trimmed);
    const comparison = /^([^\s=!<>]+)\s*(==|=|!=|>|<)\s*([^\s=!<>]*)$/.exec(trimmed);
    if (set) {
      const values = set[3]!.split(',').map((value) => value.trim());
      requirements.push({ key: set[1]!, operator: set[2] as 'in' | 'notin', values });
    } else if (comparison) {
      const [, key, operator, value] = comparison;
      const kinds = { '=': 'in', '==': 'in', '!=': 'notin', '>': 'gt', '<': 'lt' } as const;
      requirements.push({ key: key!, operator: kinds[operator as '='], values: [value!] });
    } else if (/^!\s*\S+$/.test(trimmed)) {
      requirements.push({ key: trimmed.slice(1).trim(), operator: '!', values: [] });
    } else if (/^[^\s!=<>()]+$/.test(trimmed)) {
      requirements.push({ key: trimmed, operator: 'exists', values: [] });
    } else {
      throw badRequest(`unable to parse requirement: found '${trimmed}', expected: identifier`);
    }
  }
  return requirements;
}

function splitTop(text: string): string[] {
  return text.split(/,(?![^(]*\))/);
}

export function matchesLabels(requirements: Requirement[], labels: Labels): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = labels?.[key];
    if (operator === 'exists') return value !== undefined;
    if (operator === '!') return value === undefined;
    if (operator === 'in') return value !== undefined && values.includes(value);
    if (operator === 'notin') return value === undefined || !values.includes(value);
    const [left, right] = [Number(value), Number(values[0])];
    return value !== undefined && Number.isInteger(left) && (operator === 'gt' ? left > right : left < right);
  });
}

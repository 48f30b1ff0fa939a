import { runbookOf } from '../../signal/annotations.ts';
import { comparisonOf } from '../../signal/comparison.ts';
import type { AlertRule } from '../../signal/series.ts';
import type { GradeInput } from '../input.ts';

/** The rule that an expected alert seems to have become. */
export interface RenamedRule {
  rule: AlertRule;
  /** What the two have in common, as the end of "X has …". */
  same: string;
}

/**
 * For an expected alert without a rule: the one rule of another name that has its expression, as far as anybody knows
 * that (from rules of earlier games, or of the stack as we ship it); else its metric; else its playbook.
 */
export function renamedRule(name: string, input: GradeInput): RenamedRule | undefined {
  const { rules, scenario, playbook } = input;
  const { expected, acceptable } = scenario.alerts;
  const taken = new Set([...acceptable, ...expected.flatMap((one) => [one.name, ...one.or])]);
  const others = (rules?.alerting ?? []).filter((rule) => !taken.has(rule.name));
  const before = rules?.known?.find((rule) => rule.name === name)?.query;
  const only = (is: (rule: AlertRule) => boolean, same: string): RenamedRule | undefined => {
    const [rule, another] = others.filter(is);
    return rule && (!another || another.name === rule.name) ? { rule, same } : undefined;
  };
  if (before !== undefined) {
    const compared = comparisonOf(before);
    const left = compared && spaceless(compared.left);
    return (
      only(({ query }) => spaceless(query) === spaceless(before), 'the same expression') ??
      only(({ query }) => {
        const other = comparisonOf(query);
        return other !== undefined && spaceless(other.left) === left && other.operator === compared?.operator;
      }, 'the same expression with another threshold')
    );
  }
  return only(({ annotations, name: other }) => {
    return runbookOf(annotations) === playbook.name && !playbook.answers.includes(other);
  }, 'the same playbook');
}

/** Spaces and redundant brackets around the whole mean nothing; within quotes they do. */
export function spaceless(expression: string): string {
  const bare = expression.replace(/("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|#[^\n]*|\s+/g, '$1');
  return bare.replace(/^\((.*)\)$/, (whole, inside: string) => (isBalanced(inside) ? inside : whole));
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === '(') depth++;
    if (char === ')' && --depth < 0) return false;
  }
  return depth === 0;
}

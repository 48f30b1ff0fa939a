import { metricNames } from '../../promql/syntax/parsed.ts';
import type { AlertRule } from '../../signal/series.ts';
import { nearest } from '../../words/nearest.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import { ruleFix } from './rule-fix.ts';

/** A slip of one rule, and what mends it. */
export interface Slip {
  /** The end of "X did not fire: …" or "X told …". */
  text: string;
  fix: Fix;
}

/** A rule that asks for a metric, or for a label's value, that nothing has, and what is nearly called that. */
export function misspeltExpression(rule: AlertRule, input: GradeInput): Slip | undefined {
  const { names, values } = knownNames(input);
  for (const name of metricNames(rule.query)) {
    if (names.has(name)) continue;
    const near = nearest(name, names);
    if (near === undefined) continue;
    const text = `no series has the name ${name}; the nearest is ${near}`;
    const query = rule.query.replace(wordOf(name), near);
    return { text, fix: exprFix(rule, query, { from: name, to: near }, input) };
  }
  for (const [whole, label = '', value = ''] of rule.query.matchAll(/([a-zA-Z_]\w*)\s*=\s*"([^"\\]*)"/g)) {
    const known = values.get(label);
    if (!known || known.has(value)) continue;
    const near = nearest(value, known);
    if (near === undefined) continue;
    const text = `no series has ${label}="${value}"; the nearest is ${label}="${near}"`;
    const mended = whole.replace(value, near);
    return {
      text,
      fix: exprFix(rule, rule.query.replace(whole, mended), { from: whole, to: mended }, input),
    };
  }
  return undefined;
}

/** A label of the rule that is nearly its owner's name: the routes go by it. */
export function misspeltOwner(
  rule: AlertRule | undefined,
  owner: string,
  input: GradeInput,
): Slip | undefined {
  const found = Object.entries(rule?.labels ?? {}).find(([, value]) => {
    return value !== owner && nearest(value, [owner]) === owner;
  });
  if (!rule || !found) return undefined;
  const [label, value] = found;
  return {
    text: `its label ${label} is ${value}, not ${owner}`,
    fix: ruleFix('label', rule.name, [{ path: ['labels', label], from: value, to: owner }], input),
  };
}

function exprFix(
  { name, query }: AlertRule,
  mended: string,
  part: { from: string; to: string },
  input: GradeInput,
): Fix {
  return ruleFix('expression', name, [{ path: ['expr'], from: query, to: mended, part }], input);
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\w:])${name}(?![\\w:])`, 'g');
}

/** Names of metrics that had samples, and the values that each label had. */
function knownNames({ series, rules }: GradeInput): {
  names: Set<string>;
  values: Map<string, Set<string>>;
} {
  const names = new Set(rules?.recording.map(({ name }) => name));
  const values = new Map<string, Set<string>>();
  for (const { query, series: recorded } of series?.queries ?? []) {
    if (recorded.length === 0) continue;
    for (const name of metricNames(query)) names.add(name);
    for (const { labels } of recorded) {
      for (const [label, value] of Object.entries(labels)) {
        if (label === '__name__') names.add(value);
        else values.set(label, (values.get(label) ?? new Set()).add(value));
      }
    }
  }
  return { names, values };
}

import { dashboardLink, isLinkTo, runbookLink } from '../../signal/annotations.ts';
import type { AlertRule } from '../../signal/series.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import type { HandlingCheck } from './alert-handling.ts';
import type { ExpectedAlertGrade } from './alerts.ts';
import type { RuleEdit } from './rule-file.ts';
import { ruleFix } from './rule-fix.ts';

/**
 * The links that an alert lacks, written as the other rules write theirs: to the playbook of the game, if that answers the
 * alert, and to the dashboard on which the scenario expects the failure. Nothing where the others give no such example.
 */
export function handlingFix(
  { name, renamed }: ExpectedAlertGrade,
  lacking: readonly HandlingCheck[],
  input: GradeInput,
): { fix?: Fix } {
  const rule = input.rules?.alerting.find((one) => one.name === (renamed?.rule ?? name));
  if (!rule) return {};
  const edits = lacking.flatMap((check) => {
    if (check.name === 'runbook') return linked(rule, runbookAsOthers(rule, input)) ?? [];
    return check.name === 'dashboard' ? (linked(rule, dashboardAsOthers(rule, input)) ?? []) : [];
  });
  const [first, ...rest] = edits;
  return first ? { fix: ruleFix('annotation', rule.name, [first, ...rest], input) } : {};
}

interface Annotation {
  key: string;
  value: string;
}

function linked({ annotations }: AlertRule, link: Annotation | undefined): RuleEdit | undefined {
  if (!link) return undefined;
  const from = annotations[link.key];
  return { path: ['annotations', link.key], ...(from !== undefined && { from }), to: link.value };
}

function runbookAsOthers(rule: AlertRule, { rules, playbook }: GradeInput): Annotation | undefined {
  const { name, answers } = playbook;
  if (answers.length > 0 && !answers.includes(rule.name)) return undefined;
  const examples = others(rule, rules?.alerting).flatMap(({ annotations }) => {
    const link = runbookLink(annotations);
    const [, base = '', ending = ''] = /^(.*\/)[^/?#]+?(\.\w+)?$/.exec(link ?? '') ?? [];
    return base === '' ? [] : [{ key: keyOf(annotations, link), value: base + name + ending }];
  });
  return onlyOne(examples);
}

function dashboardAsOthers(
  rule: AlertRule,
  { rules, scenario, dashboards }: GradeInput,
): Annotation | undefined {
  const wanted = scenario.panels.expected.find(({ dashboard }) =>
    dashboards.some(({ uid }) => uid === dashboard),
  );
  if (!wanted) return undefined;
  const examples = others(rule, rules?.alerting).flatMap(({ annotations }) => {
    const link = dashboardLink(annotations);
    const shown = link === undefined ? undefined : dashboards.find(({ uid }) => isLinkTo(uid, link));
    // What comes behind the uid (a panel, variables) is that of the other dashboard.
    const base = shown && link?.slice(0, link.lastIndexOf(shown.uid));
    return base === undefined ? [] : [{ key: keyOf(annotations, link), value: base + wanted.dashboard }];
  });
  return onlyOne(examples);
}

function others(rule: AlertRule, rules: readonly AlertRule[] = []): AlertRule[] {
  return rules.filter(({ name, ruler }) => name !== rule.name && ruler === rule.ruler);
}

function keyOf(annotations: Readonly<Record<string, string>>, value: string | undefined): string {
  return Object.keys(annotations).find((key) => annotations[key] === value) ?? '';
}

/** What all examples agree on. */
function onlyOne(examples: readonly Annotation[]): Annotation | undefined {
  const [first] = examples;
  return first && examples.every(({ key, value }) => key === first.key && value === first.value)
    ? first
    : undefined;
}

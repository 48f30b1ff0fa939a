import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editRule, type RuleEdit } from '../../src/grade/alerts/rule-file.ts';
import { ruleFix } from '../../src/grade/alerts/rule-fix.ts';
import { shippedRuleFiles } from '../../src/grade/alerts/shipped-rules.ts';

interface Rule {
  alert?: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
const files = shippedRuleFiles('shop');
const rulesOf = (text: string): Rule[] =>
  (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
/** One in four: each costs some parsing. */
const alerts = files
  .flatMap(({ text }) => rulesOf(text).filter((rule) => rule.alert !== undefined))
  .filter((_, index) => index % 4 === 0);

/** Alerts of the shop, edited: nothing else of its file may mean anything else than before. */
function edited(edit: (rule: Rule) => RuleEdit, change: (rule: Rule) => Rule): void {
  for (const rule of alerts) {
    const name = rule.alert ?? '';
    const made = editRule(files, name, [edit(rule)]);
    expect(made, name).toBeDefined();
    const wanted = rulesOf(made!.file.text).map((one) => (one.alert === name ? change(one) : one));
    expect(rulesOf(made!.text), name).toEqual(wanted);
  }
}

describe('an edit of a rule in its file', () => {
  it('sets `for`, there or not', () => {
    edited(
      (rule) => ({ path: ['for'], ...(rule.for && { from: rule.for }), to: '7m' }),
      (rule) => ({ ...rule, for: '7m' }),
    );
  });

  it('changes a label and adds an annotation, in a map on one line or on several', () => {
    edited(
      ({ labels }) => ({ path: ['labels', 'severity'], from: labels.severity!, to: 'a, b: {c}' }),
      (rule) => ({ ...rule, labels: { ...rule.labels, severity: 'a, b: {c}' } }),
    );
    edited(
      () => ({ path: ['annotations', 'link'], to: 'https://x.example/#a' }),
      (rule) => ({ ...rule, annotations: { ...rule.annotations, link: 'https://x.example/#a' } }),
    );
    edited(
      () => ({ path: ['labels', 'team'], to: 'yes' }),
      (rule) => ({ ...rule, labels: { ...rule.labels, team: 'yes' } }),
    );
  });

  it('changes a part of an expression, and leaves the rest as it is written', () => {
    const [word] = ['shop:checkout:p95_seconds'];
    const made = editRule(files, 'CheckoutLatencyHigh', [
      { path: ['expr'], from: '', to: '', part: { from: word!, to: 'other' } },
    ]);
    expect(rulesOf(made!.text).find(({ alert }) => alert === 'CheckoutLatencyHigh')?.expr).toBe(
      'other > 0.5',
    );
  });

  it('is none where the file says something else than what was loaded, or two rules have the name', () => {
    expect(editRule(files, 'CheckoutLatencyHigh', [{ path: ['for'], from: '9h', to: '1m' }])).toBeUndefined();
    expect(
      editRule([...files, ...files], 'CheckoutLatencyHigh', [{ path: ['for'], to: '1m' }]),
    ).toBeUndefined();
    expect(editRule(files, 'Nobody', [{ path: ['for'], to: '1m' }])).toBeUndefined();
  });

  it('finds the rule in a PrometheusRule, and says the same duration however it is written', () => {
    const text = [
      'kind: PrometheusRule',
      'spec:',
      '  groups:',
      '    - name: g',
      '      rules:',
      '        - alert: Slow',
      '          expr: p95 > 0.5',
      '          for: 60s # a minute',
    ].join('\n');
    const made = editRule([{ path: 'r.yaml', text }], 'Slow', [{ path: ['for'], from: '1m', to: '30s' }]);
    expect(made?.text).toBe(text.replace('60s', '30s'));
  });
});

describe('a fix of a rule', () => {
  const edit: [RuleEdit] = [{ path: ['labels', 'owner'], from: 'checkot', to: 'checkout' }];

  it('is a sketch where no file is known', () => {
    expect(ruleFix('label', 'Slow', edit, {})).toEqual({
      kind: 'label',
      of: 'Slow',
      from: 'checkot',
      to: 'checkout',
      language: 'diff',
      text: [' - alert: Slow', '   labels:', '-    owner: checkot', '+    owner: checkout'].join('\n'),
    });
  });

  it('is a diff of the file that has the rule', () => {
    const text = 'groups:\n  - rules:\n      - alert: Slow\n        labels: { owner: checkot }\n';
    const fix = ruleFix('label', 'Slow', edit, { ruleFiles: [{ path: 'rules/a.yaml', text }] });
    expect(fix.file).toBe('rules/a.yaml');
    expect(fix.text.split('\n')).toEqual([
      '--- a/rules/a.yaml',
      '+++ b/rules/a.yaml',
      '@@ -1,4 +1,4 @@',
      ' groups:',
      '   - rules:',
      '       - alert: Slow',
      '-        labels: { owner: checkot }',
      '+        labels: { owner: checkout }',
    ]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Query } from '../../src/promql/query.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { readRuleFile } from '../../src/rules/file.ts';
import { RuleGroup } from '../../src/rules/group.ts';
import { onStorage } from '../../src/sandbox/monitor/rules/run.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';

const AT = 1_767_225_600_000;

function storage(): Storage {
  const filled = new Storage();
  const add = (labels: Record<string, string>, value: number) =>
    filled.append(LabelSet.from({ job: 'till', ...labels }), AT, value);
  add({ __name__: 'up', pod: 'till-a & b', zone: 'z1' }, 0);
  add({ __name__: 'up', pod: 'till-c' }, 0);
  add({ __name__: 'till_wait_seconds', pod: 'till-a' }, 12);
  return filled;
}

const read = (text: string, file = 'rules.yaml') => readRuleFile(text, file, { defaultIntervalMs: 15_000 });
const fixture = (name: string) =>
  read(readFileSync(`test/fixtures/rules/${name}.yaml`, 'utf8'), `${name}.yaml`);

/** Annotations of every alert of a file, after one evaluation. */
function annotationsOf(groups: ReturnType<typeof read>, externalLabels = LabelSet.empty) {
  const filled = storage();
  return groups.flatMap((definition) => {
    const group = new RuleGroup(definition, {
      ...onStorage(filled),
      externalLabels,
      onAlerts: () => {},
    });
    group.evaluate(AT);
    expect(group.rules.map(({ lastError }) => lastError)).toEqual(group.rules.map(() => ''));
    return group.rules.flatMap(({ alerting }) =>
      (alerting?.alerts ?? []).flatMap(({ annotations }) => Object.values(annotations)),
    );
  });
}
const names = (groups: ReturnType<typeof read>) => groups.map(({ rules }) => rules.map(({ name }) => name));

describe('a rule file as people write them', () => {
  it('case R1: merge keys and aliases are what they stand for', () => {
    const [rules] = fixture('merge-key').map((group) => group.rules);
    expect(rules).toMatchObject([
      { name: 'TillSlow', forMs: 60_000, labels: { severity: 'warning', owner: 'tills' } },
      { name: 'TillVerySlow', forMs: 60_000, labels: { severity: 'warning', owner: 'tills' } },
    ]);
    const [more] = read(`
groups:
  - name: a
    labels: &who { team: tills }
    rules: &rules
      - alert: &name A
        expr: &up up == 0
        labels: { <<: [{ severity: page }, *who], team: others }
      - { record: 'a:up', expr: *up }
  - { name: b, rules: *rules, interval: 1m }
`);
    expect(more?.rules).toMatchObject([{ labels: { severity: 'page', team: 'others' } }, { name: 'a:up' }]);
    expect(() => read('groups: &a\n- name: x\n  rules:\n  - &b { <<: *b, alert: x, expr: up }')).toThrow(
      /^rules.yaml:4:\d+: Expected merge keys that end/,
    );
    expect(() => read('groups:\n- { name: x, rules: *nowhere }')).toThrow(/^rules.yaml:2:\d+: .*nowhere/);
  });

  it('case R2: with and its value', () => {
    expect(annotationsOf(fixture('with'))).toEqual(['Till till-a & b in z1 is down', 'Till till-c is down']);
  });

  it('case R3: if, else and comparisons', () => {
    expect(annotationsOf(fixture('if-else'))).toEqual(['Wait is far too long: 12 s']);
  });

  it('case R4: range over a query', () => {
    expect(annotationsOf(fixture('range-query'))).toEqual(['Down: till-a & b till-c']);
  });

  it('case R5: external labels', () => {
    const groups = fixture('external-labels');
    expect(annotationsOf(groups, LabelSet.from({ cluster: 'eu-1' }))[0]).toBe('A till of eu-1 is down');
    expect(annotationsOf(groups)[0]).toBe('A till of  is down');
  });

  it('case R6: urlquery', () => {
    expect(annotationsOf(fixture('urlquery'))[0]).toBe(
      'https://grafana.example/d/tills?var-till=till-a+%26+b',
    );
  });

  it('case R7: a group without rules, and a file without anything, are empty', () => {
    expect(names(fixture('no-rules'))).toEqual([[], ['TillDown']]);
    for (const text of ['', '# nothing', 'groups:', 'groups: []', '{}', '---\n---\n'])
      expect(names(read(text))).toEqual([]);
    expect(() => read('groups:\n- name: g\n  rules:\n  -')).toThrow(/^rules.yaml:4:3: Expected a rule/);
  });

  it('case R8: a PrometheusRule object, a List of them, several documents', () => {
    expect(names(fixture('prometheus-rule'))).toEqual([['TillDown']]);
    const object = readFileSync('test/fixtures/rules/prometheus-rule.yaml', 'utf8');
    expect(names(read(`${object}---\n${object}---\ngroups: [{ name: x }]`))).toEqual([
      ['TillDown'],
      ['TillDown'],
      [],
    ]);
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${object.trim().replaceAll('\n', '\n  ')}`;
    expect(names(read(list))).toEqual([['TillDown']]);
    expect(() => read('kind: ConfigMap\ndata: {}')).toThrow(
      'rules.yaml:1:1: Expected "groups", a PrometheusRule or a List of them, got kind "ConfigMap"',
    );
    expect(() => read('---\n---\nkind: PrometheusRule\nspec: { groups: [{ name: g, rulez: [] }] }')).toThrow(
      /^rules.yaml:4:29: Expected one of name/,
    );
  });

  it('case R9: an expression that does not parse is refused with its place', () => {
    expect(() => fixture('broken-expr')).toThrow(
      'broken-expr.yaml:4:34: TillRate: parse error: unexpected end of input',
    );
    expect(() => read("groups:\n- name: g\n  rules:\n  - { record: 'a:b', expr: 'rate(up)' }")).toThrow(
      'rules.yaml:4:28: a:b: parse error: expected type range vector in call to function "rate", got instant vector',
    );
    expect(() =>
      read('groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      up\n        > > 1'),
    ).toThrow(/^rules.yaml:7:11: A: parse error/);
  });

  it('case R10: RE2 in matchers', () => {
    expect(annotationsOf(fixture('flag-in-regex'))).toEqual([]);
    const [group] = fixture('flag-in-regex');
    const filled = storage();
    const evaluated = new RuleGroup(group!, { ...onStorage(filled), onAlerts: () => {} });
    evaluated.evaluate(AT);
    expect(evaluated.rules[0]?.alerting?.alerts.map(({ labels }) => labels.get('pod'))).toEqual([
      'till-a & b',
      'till-c',
    ]);
  });

  it.each([
    ['{{ nosuch . }}', '4:66: A: annotation a: function "nosuch" not defined'],
    ['{{ $nosuch }}', '4:66: A: annotation a: undefined variable "$nosuch"'],
    ['{{ if true }}', '4:66: A: annotation a: unexpected end of the template: {{if}} without {{end}}'],
    ['{{ end }}', '4:66: A: annotation a: unexpected {{end}}'],
    ['{{ $value', '4:66: A: annotation a: unclosed action'],
    ['{{ }}', '4:66: A: annotation a: missing value for command'],
    ['{{ break }}', '4:66: A: annotation a: {{break}} outside {{range}}'],
    ['{{ $value | 1 }}', '4:66: A: annotation a: non executable command in pipeline stage 2'],
  ])('says when it is read what a template cannot be: %s', (template, message) => {
    const text = `groups:\n- name: g\n  rules:\n  - { alert: A, expr: up, labels: { b: "{{ $value }}" }, annotations: { a: '${template}' } }`;
    expect(() => read(text)).toThrow(
      `rules.yaml:${message.replace('4:66', `4:${text.split('\n')[3]!.indexOf(`'${template}`) + 1}`)}`,
    );
  });

  it('names the line of a template that is written over several', () => {
    const text =
      'groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n      a: |\n        one\n        two {{ nosuch }}\n';
    expect(() => read(text)).toThrow('rules.yaml:9:16: A: annotation a: function "nosuch" not defined');
  });

  it('evaluates for so long ago, and no more than so many, as a group says', () => {
    const [group] = read(`
groups:
  - { name: g, query_offset: 1m, limit: 1, rules: [{ record: 'a:up', expr: 'up' }, { record: 'a:now', expr: 'time()' }] }
`);
    const filled = storage();
    const evaluated = new RuleGroup(group!, { ...onStorage(filled), onAlerts: () => {} });
    evaluated.evaluate(AT + 60_000);
    expect(evaluated.rules.map(({ lastError }) => lastError)).toEqual([
      'exceeded limit of 1 with 2 series',
      '',
    ]);
    expect(new Query('a:now').instant(filled, AT + 60_000)).toMatchObject({
      samples: [{ value: AT / 1000 }],
    });
  });
});

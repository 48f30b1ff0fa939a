import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Query } from '../../src/promql/query.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { print } from '../../src/promql/syntax/print.ts';
import type { ActiveAlert } from '../../src/rules/alert-states.ts';
import { readRuleFile } from '../../src/rules/file.ts';
import { RuleGroup } from '../../src/rules/group.ts';
import { atSpeed } from '../../src/rules/speed.ts';
import { RuleFileError } from '../../src/rules/yaml.ts';
import { evaluateEachInterval, onStorage } from '../../src/sandbox/monitor/rules/run.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';
import { SteppedClock } from '../sandbox/monitor/stepped-clock.ts';

function group(rules: string, speed = 1) {
  const storage = new Storage();
  const clock = new SteppedClock();
  const events: { firing: string[]; resolved: string[] }[] = [];
  const names = (alerts: readonly ActiveAlert[]) => alerts.map(({ labels }) => labels.get('alertname'));
  const [definition] = readRuleFile(
    `groups:\n  - name: g\n    interval: 10s\n    rules:\n${rules}`,
    'rules.yml',
    {
      defaultIntervalMs: 15_000,
    },
  );
  const evaluated = new RuleGroup(atSpeed(definition!, speed), {
    ...onStorage(storage),
    onAlerts: (firing, resolved) => events.push({ firing: names(firing), resolved: names(resolved) }),
  });
  evaluateEachInterval(evaluated, clock);
  const set = (value: number, labels: Record<string, string> = {}) =>
    storage.append(LabelSet.from({ __name__: 'm', ...labels }), clock.now(), value);
  const ask = (query: string) => {
    const value = new Query(query).instant(storage, clock.now());
    return value.type === 'vector'
      ? value.samples.map(({ labels, value: number }) => [String(labels), number])
      : value;
  };
  return { storage, clock, events, evaluated, set, ask };
}

describe('an alerting rule', () => {
  const rule = `
      - alert: High
        expr: m > 10
        for: 20s
        labels: { severity: page }
        annotations: { summary: 'value {{ $value }} of {{ $labels.app }}' }
`;

  test('is pending until it has held for its time, then fires, and is gone when it clears', async () => {
    const { clock, set, ask, evaluated, events } = group(rule);
    const state = () => evaluated.rules[0]!.alerting!.state;
    set(20, { app: 'a' });
    expect(state()).toBe('inactive');
    await clock.advance(10_000);
    expect(state()).toBe('pending');
    const since = clock.now() / 1000;
    expect(ask('ALERTS')).toEqual([
      ['ALERTS{alertname="High", alertstate="pending", app="a", severity="page"}', 1],
    ]);
    expect(ask('ALERTS_FOR_STATE')).toEqual([
      ['ALERTS_FOR_STATE{alertname="High", app="a", severity="page"}', since],
    ]);
    await clock.advance(20_000);
    expect(state()).toBe('firing');
    expect(ask('ALERTS')).toEqual([
      ['ALERTS{alertname="High", alertstate="firing", app="a", severity="page"}', 1],
    ]);
    expect(evaluated.rules[0]!.alerting!.alerts[0]!.annotations).toEqual({ summary: 'value 20 of a' });
    set(5, { app: 'a' });
    await clock.advance(10_000);
    expect([state(), ask('ALERTS')]).toEqual(['inactive', []]);
    expect(events).toEqual([
      { firing: ['High'], resolved: [] },
      { firing: [], resolved: ['High'] },
    ]);
  });

  test('that clears while pending never fires', async () => {
    const { clock, set, events, ask } = group(rule);
    set(20);
    await clock.advance(20_000);
    set(1);
    await clock.advance(60_000);
    expect([events, ask('ALERTS')]).toEqual([[], []]);
  });

  test('keeps firing for as long as it is told to, and a return starts that anew', async () => {
    const { clock, set, evaluated } = group(`      - { alert: High, expr: m > 10, keep_firing_for: 30s }\n`);
    const state = () => evaluated.rules[0]!.alerting!.state;
    set(20);
    await clock.advance(10_000);
    set(1);
    await clock.advance(30_000);
    expect(state()).toBe('firing');
    await clock.advance(10_000);
    expect(state()).toBe('inactive');
  });
});

test('a rule sees what an earlier one of its group recorded; what it no longer gives is stale', async () => {
  const { clock, set, ask, evaluated } = group(`
      - { record: 'a:m', expr: 'sum by (app) (m)', labels: { from: rule } }
      - { record: 'b:m', expr: 'a:m * 2' }
`);
  set(3, { app: 'x', pod: '1' });
  set(4, { app: 'x', pod: '2' });
  await clock.advance(10_000);
  expect(ask('b:m')).toEqual([['b:m{app="x", from="rule"}', 14]]);
  await clock.advance(310_000);
  expect(ask('b:m')).toEqual([]);
  expect(evaluated.rules.map(({ health }) => health)).toEqual(['ok', 'ok']);
});

test('a rule that fails says so and does not stop the others', async () => {
  const { clock, set, evaluated, ask } = group(`
      - { record: 'twice', expr: 'm * on(app) m' }
      - { record: 'wrong', expr: 'label_replace(m, "a b", "", "", "")' }
      - { record: 'same', expr: 'm', labels: { pod: '' } }
      - { record: 'fine', expr: 'sum(m)' }
`);
  set(1, { app: 'x', pod: '1' });
  set(1, { app: 'x', pod: '2' });
  await clock.advance(10_000);
  expect(evaluated.rules.map(({ health, lastError }) => [health, lastError.slice(0, 60)])).toEqual([
    ['err', 'found duplicate series for the match group {app="x"} on the '],
    ['err', 'invalid destination label name in label_replace(): a b'],
    ['err', 'vector contains metrics with the same labelset after applyin'],
    ['ok', ''],
  ]);
  expect(ask('fine')).toEqual([['fine{}', 2]]);
});

test('at a higher speed the rules that are evaluated are the rules that are shown', () => {
  const { evaluated } = group(
    `      - { alert: A, expr: 'rate(m[5m]) > 1', for: 1m, keep_firing_for: 2m }\n`,
    10,
  );
  const [rule] = evaluated.rules;
  expect(evaluated.definition.intervalMs).toBe(1000);
  expect([rule!.definition.forMs, rule!.definition.keepFiringForMs]).toEqual([6000, 12_000]);
  expect(print(rule!.definition.expr!)).toBe('rate(m[30s]) > 1');
});

describe('a rule file that is wrong names the place', () => {
  test.each([
    ['groups:\n- name: g\n  rulez: []', 'f.yml:3:3: Expected one of name'],
    [
      'groups:\n- name: g\n  rules:\n  - {expr: 1}',
      'f.yml:4:5: Expected a rule with either "record" or "alert"',
    ],
    ['groups:\n- name: g\n  rules:\n  - {alert: a}', 'f.yml:4:5: Expected an "expr" in rule "a"'],
    [
      'groups:\n- name: g\n  interval: soon',
      'f.yml:3:13: Expected a duration such as 5m for "interval", got "soon"',
    ],
    ['groups:\n- name: g\n- name: g', 'f.yml:2:1: Expected every group name once'],
    ['groups:\n- rules: []', 'f.yml:2:3: Expected a group with a "name"'],
    ['groups:\n- name: g\n  limit: few', 'f.yml:3:10: Expected a whole number for "limit", got "few"'],
    ['groups: [', 'f.yml:1:10'],
    [
      'groups:\n- name: g\n  rules:\n  - {record: a, expr: 1, for: 1m}',
      'Expected no "for" in recording rule "a"',
    ],
    ['groups:\n- name: g\n  rules:\n  - {record: a b, expr: 1}', 'Expected a metric name, got "a b"'],
    [
      'groups:\n- name: g\n  rules:\n  - {record: a, expr: 1, labels: {__name__: b}}',
      ':4:35: Expected another name in "labels", got "__name__"',
    ],
    [
      'groups:\n- name: g\n  labels: {__name__: b}\n  rules:\n  - {record: a, expr: 1}',
      ':3:12: Expected another name in "labels", got "__name__"',
    ],
    [
      'groups:\n- name: g\n  rules:\n  - {alert: a, expr: 1, annotations: {"": b}}',
      ':4:39: Expected another name in "annotations", got ""',
    ],
  ])('%s', (text, problem) => {
    const read = () => readRuleFile(text, 'f.yml', { defaultIntervalMs: 1 });
    expect(read).toThrow(RuleFileError);
    expect(read).toThrow(problem);
  });
});

test("the shop's own rule files are in order", () => {
  const folder = new URL('../../src/shop/rules/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const groups = readRuleFile(readFileSync(new URL(file, folder), 'utf8'), file, { defaultIntervalMs: 1 });
    expect(groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(0);
  }
});

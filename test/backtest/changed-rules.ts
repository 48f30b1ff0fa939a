import { type CheckRow, compareRules } from '../../src/backtest/compare.ts';
import type { RecordedGame } from '../../src/backtest/game.ts';
import type { FixedSeries } from '../../src/promql/series/source.ts';
import { readRuleFile } from '../../src/rules/file.ts';
import { RuleGroup } from '../../src/rules/group.ts';
import { atSpeed } from '../../src/rules/speed.ts';
import { onStorage } from '../../src/sandbox/monitor/rules/run.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';
import { dice } from './generated.ts';
import { eachSecond } from './recorded.ts';

/** The scenario expects the first; the others are there besides. */
const alerts = ['CheckoutLatencyHigh', 'QueueLong', 'PodsMissing'] as const;

/** A fault that is felt in steps, and a short trouble a minute before it. */
export function troubled(): FixedSeries[] {
  const random = dice(7);
  const noise = (least: number) => least + random() * 0.05;
  const blip = (second: number) => second >= -60 && second < -50;
  const ramp = (second: number) => (second < 3 ? 0 : Math.min(2, (second - 3) * 0.1));
  return [
    ...['a', 'b'].map((pod) =>
      eachSecond({ __name__: 'latency', pod }, (second) =>
        noise(pod === 'a' ? 0.1 + ramp(second) : blip(second) ? 0.7 : 0.1),
      ),
    ),
    eachSecond({ __name__: 'queue', app: 'feed' }, (second) => Math.floor(noise(2) + 20 * ramp(second))),
    eachSecond({ __name__: 'served_total' }, (second) => 5000 + second * 10),
    ...['a', 'b', 'c'].map((pod) =>
      eachSecond({ __name__: 'ready', pod }, (second) => (pod === 'c' && second > 8 ? undefined : 1)),
    ),
  ];
}

const threshold = { latency: 0.5, queue: 10, pods: 3 };

interface Change {
  latency?: string;
  queue?: string;
  pods?: string;
  forMs?: string;
  queueFor?: string;
  labels?: string;
  group?: string;
  without?: string;
  rename?: string;
}

/** Rules of speed 1, with a recording rule, and one thing changed. */
function rulesWith(change: Change): string {
  const rules = [
    `  - { record: latency:max, expr: '${change.latency ?? 'max(latency)'}' }`,
    `  - alert: ${change.rename ?? alerts[0]}\n    expr: latency:max > ${threshold.latency}\n    for: ${change.forMs ?? '10s'}\n    labels: ${change.labels ?? '{ severity: critical }'}`,
    `  - { alert: ${alerts[1]}, expr: '${change.queue ?? `queue{app="feed"} > ${threshold.queue}`}', for: ${change.queueFor ?? '5s'} }`,
    `  - { alert: ${alerts[2]}, expr: '${change.pods ?? `count(ready) < ${threshold.pods}`}', for: 5s }`,
  ].filter((rule) => change.without === undefined || !rule.includes(change.without));
  return [
    'groups:',
    `- name: ${change.group ?? 'checkout'}`,
    '  interval: 5s',
    '  rules:',
    ...rules,
    '',
  ].join('\n');
}

const expressions = {
  latency: [
    'max(latency)',
    '(max(latency))',
    'max by () (latency)',
    'max(latency * 1)',
    'min(latency)',
    'avg(latency)',
    'max(latency{pod="a"})',
    'max(latency{pod="b"})',
    'max(latency{pod=~"a|b"})',
    'max(latency{pod!="c"})',
    'max(latency) * 1000',
    'max(latencies)',
    'max_over_time(max(latency)[15s:5s])',
    'quantile(0.9, latency)',
  ],
  queue: [
    'queue > 10',
    'queue{app="feed"} > 11',
    'queue{app="feed"} > 30',
    'queue{app="feed"} > 100',
    'queue{app="food"} > 10',
    'queue{app=~"f.*"} > 10',
    'sum(queue) > 10',
    'queue < 10',
    'queue >= 10',
    '10 < queue',
    'rate(queue[1m]) > 10',
    'queue > bool 10',
    'avg_over_time(queue[1m]) > 10',
    'queue > 10 and on () served_total > 0',
    'queue > 10 unless on () served_total > 0',
  ],
  pods: [
    'count(ready) < 3',
    'count(ready) <= 2',
    'count(ready) < 2',
    'count(ready) < 4',
    'sum(ready) < 3',
    'absent(ready)',
    'absent(ready{pod="c"})',
    'count(ready == 1) < 3',
    'count(ready{pod="c"}) < 1',
    '3 - count(ready) > 0',
  ],
} as const;

/** So many changes: of what an expression says, of times, names and of things that say nothing. */
export function mutants(count: number): { name: string; text: string }[] {
  const latencyFor = ['0s', '5s', '10s', '15s', '30s', '1m', '2m', '5m', '1h', '10000ms'];
  const changes: Change[] = [
    ...(['latency', 'queue', 'pods'] as const).flatMap((key) =>
      expressions[key].map((expr) => ({ [key]: expr })),
    ),
    ...latencyFor.flatMap((text) => [{ forMs: text }, { queueFor: text }]),
    ...['{ severity: page }', '{ severity: critical, team: a }', '{}'].map((labels) => ({ labels })),
    ...['checkout', 'renamed', 'zzz'].map((group) => ({ group })),
    ...[alerts[0], alerts[1], alerts[2], 'latency:max'].map((without) => ({ without })),
    { rename: 'CheckoutSlow' },
    {},
  ];
  const pairs = changes.flatMap((one, index) =>
    changes.slice(index + 1).map((other) => ({ ...one, ...other })),
  );
  const random = dice(3);
  const mixed = pairs.map((pair) => ({ pair, at: random() })).sort((a, b) => a.at - b.at);
  return [...changes, ...mixed.map(({ pair }) => pair)]
    .slice(0, count)
    .map((change) => ({ name: JSON.stringify(change), text: rulesWith(change) }));
}

/** What each alert does, evaluated by the engine of the sandbox, sample by sample, evaluation by evaluation. */
function played(game: RecordedGame, text: string): Map<string, { fired?: number; alarms: number }> {
  const { injected, faultEnd, speed } = game.moments;
  const storage = new Storage();
  const [definition] = readRuleFile(text, 'rules.yml', { defaultIntervalMs: 5000 }).map((group) =>
    atSpeed(group, speed),
  );
  const group = new RuleGroup(definition!, { ...onStorage(storage), onAlerts: () => {} });
  const samples = game.recording.series
    .flatMap(({ labels, times, values, stale }) =>
      [...times].map((time, index) => ({ labels, time, value: values[index]!, stale: stale?.[index] })),
    )
    .sort((a, b) => a.time - b.time);
  const found = new Map<string, { fired?: number; alarms: number }>();
  const firing = new Set<string>();
  let next = 0;
  for (let now = Math.ceil(game.recording.start) * 1000; now <= game.recording.end * 1000; now += 1000) {
    for (let sample = samples[next]; sample && sample.time <= now; sample = samples[++next])
      if (sample.stale) storage.series(sample.labels)!.markStale(sample.time);
      else storage.append(sample.labels, sample.time, sample.value);
    group.evaluate(now);
    for (const { alerting, definition: rule } of group.rules) {
      if (!alerting) continue;
      const outcome = found.get(rule.name) ?? { alarms: 0 };
      found.set(rule.name, outcome);
      const is = alerting.state === 'firing';
      if (is && !firing.has(rule.name)) {
        if (now < injected) outcome.alarms++;
        else if (now <= faultEnd) outcome.fired ??= now;
      }
      if (is) firing.add(rule.name);
      else firing.delete(rule.name);
    }
  }
  return found;
}

/** For each mutant: whether the engine sees a difference that matters, and what the check says. */
export function judged(
  game: RecordedGame,
  count: number,
): { name: string; matters: boolean; rows: CheckRow[] }[] {
  const base = rulesWith({});
  const before = played(game, base);
  const groups = (text: string) => readRuleFile(text, 'rules.yml', { defaultIntervalMs: 5000 });
  return mutants(count).map(({ name, text }) => {
    const after = played(game, text);
    const names = new Set([...before.keys(), ...after.keys()]);
    const matters = [...names].some((alert) => {
      const [was, is] = [before.get(alert), after.get(alert)];
      if ((was?.alarms ?? 0) !== (is?.alarms ?? 0)) return true;
      if (alert !== alerts[0]) return false;
      return Math.abs((was?.fired ?? 0) - (is?.fired ?? 0)) >= 1000;
    });
    const rows = compareRules(game, { base: groups(base), rules: groups(text), laterMs: 0 });
    return { name, matters, rows: rows.filter(({ verdict }) => verdict === 'worse' || verdict === 'better') };
  });
}

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { openConductor } from '../../src/game/conductor.ts';
import type { Rules } from '../../src/game/recording/known-rules.ts';
import type { Scorecard } from '../../src/grade/scorecard.ts';
import { type GameFolder, readJson } from '../../src/log/folder.ts';
import { readLog } from '../../src/log/log.ts';
import { connectMonitoring } from '../../src/signal/monitoring.ts';
import { type RecordedSeries, readSeries } from '../../src/signal/recorded-series.ts';
import { foreign, tills } from '../signal/dashboard/tills.ts';
import { scenarioText, startSmallTown } from './small-cluster.ts';

/** So many panels of strangers are on 24 dashboards whose uids come first. */
const strangers = Array.from({ length: 24 }, (_, board) => ({
  uid: `aa-${board + 10}`,
  title: `Stranger ${board}`,
  panels: Array.from({ length: 25 }, (__, at) => ({
    id: at + 1,
    type: 'timeseries',
    title: `Panel ${at}`,
    targets: [{ refId: 'A', expr: `sum(up) + ${board * 100 + at}` }],
  })),
}));
const own = {
  uid: 'tills',
  title: 'Tills',
  panels: [
    { id: 1, type: 'stat', title: 'Up', targets: [{ refId: 'A', expr: 'sum(up)' }] },
    { id: 2, type: 'stat', title: 'Slow', targets: [{ refId: 'A', expr: 'sum(up) + 9999' }] },
  ],
};
// The machine may be busy: the effect has its time.
const scenario = scenarioText
  .replace('within: 1s', 'within: 2m')
  .replace('diagnosis:', 'panels: { expected: [tills/Up, tills/Slow] }\ndiagnosis:');

const logql = 'sum(rate({app="till"} |= "error" [5m])) > 1';
const evaluated: Record<string, [name: string, query: string]> = {
  '/loki/prometheus/api/v1': ['ManyErrors', logql],
  '/api/prometheus/grafana/api/v1': ['Tills are rude', 'rudeness | 9'],
};

/** A Loki and a Grafana with one alert each that fires, and a Mimir that is broken. */
function otherEvaluators(path: string): { status?: number; body: unknown } | undefined {
  if (path.startsWith('/mimir/')) return { status: 500, body: 'broken' };
  if (path.startsWith('/loki/api')) return { status: 404, body: 'not here' };
  const [, prefix = '', what] = /^(.*\/v1)\/(rules|alerts)$/.exec(path) ?? [];
  const [name, query] = evaluated[prefix] ?? [];
  if (name === undefined) return undefined;
  const alert = { labels: { alertname: name }, state: 'firing', activeAt: new Date().toISOString() };
  const rule = { type: 'alerting', name, query, health: 'ok', duration: 60 };
  const data = what === 'alerts' ? { alerts: [alert] } : { groups: [{ name: 'g', rules: [rule] }] };
  return { body: { status: 'success', data } };
}

describe('a game beside the monitoring of others', () => {
  let folder: GameFolder;
  let card: Scorecard;
  let recorded: RecordedSeries;
  let asked: string[] = [];
  const home = mkdtempSync(join(tmpdir(), 'home-'));

  beforeAll(async () => {
    const town = await startSmallTown(home);
    const server = await tills(
      [...strangers, foreign('fine'), foreign('var-refused'), foreign('schema-v2'), own, { uid: 'refused' }],
      {
        instead: ({ path, parameters }) => {
          const query = parameters.get('query') ?? '';
          const other = otherEvaluators(path);
          if (other) return other;
          if (path.endsWith('/uid/refused')) return { status: 403, body: { message: 'no access' } };
          if (query.includes('9999')) return { status: 502, body: 'bad gateway' };
          if (query === 'rudeness') {
            const vector = { resultType: 'vector', result: [{ metric: {}, value: [1, '0.1'] }] };
            return { body: { status: 'success', data: vector } };
          }
          const ofStack = path.includes('__name__') && /town/.test(parameters.get('match[]') ?? '');
          return ofStack ? { body: { status: 'success', data: ['till_waits', 'up'] } } : undefined;
        },
      },
    );
    const monitoring = connectMonitoring({
      prometheus: { url: server.url },
      grafana: { url: server.url },
      rulers: [
        { url: `${server.url}/loki`, name: 'loki', headers: { 'X-Scope-OrgID': 'town' } },
        { url: `${server.url}/mimir`, name: 'mimir' },
      ],
    });
    const conductor = await openConductor(
      await town.setup({ monitoring, speed: 20, scenario: parseSource('scenario.yaml', scenario).document! }),
    );
    const running = conductor.run();
    // As long as some steps of the recording.
    let rudeFor = 0;
    const mending = setInterval(() => {
      if (town.tone() === 'rude' && ++rudeFor > 20) town.setTone('kind');
    }, 100);
    await running;
    clearInterval(mending);
    folder = conductor.folder;
    card = readJson(folder.scorecard) as Scorecard;
    recorded = readSeries(join(folder.series, 'series.json.gz'));
    asked = server.asked().map(({ query }) => query);
    await server.close();
    await town.close();
  }, 60_000);
  afterAll(() => rmSync(home, { recursive: true }));

  const panels = (uid: string) => card.dashboards.boards.find((board) => board.uid === uid)?.panels;
  const outcomes = (uid: string) =>
    recorded.queries
      .filter(({ panel }) => panel?.dashboard === uid)
      .map(({ outcome, why }) => [outcome, ...(why === undefined ? [] : [why])]);

  it('case D13: copies what can be read, and names what cannot with its status', () => {
    expect(readdirSync(folder.dashboards)).toEqual(
      expect.arrayContaining(['fine.json', 'schema-v2.json', 'tills.json']),
    );
    expect(readdirSync(folder.dashboards)).not.toContain('refused.json');
    expect(card.notObserved).toContain('dashboard refused: Grafana says: no access (HTTP 403).');
    expect(panels('schema-v2')).toMatchObject([{ title: 'Queue', unit: 's' }]);
  });

  it('case D1: leaves out the panel whose variable cannot be had, and no other', () => {
    expect(outcomes('var-refused')).toEqual([
      ['recorded'],
      ['not asked', 'no value for $till: Prometheus refuses label_values(up > 0, pod)'],
    ]);
    expect(panels('var-refused')?.map(({ status }) => status)).toContain('not recorded');
  });

  it('keeps the rules of other evaluators, sees their alerts, and asks Prometheus for none of them', () => {
    const rules = readJson(folder.rules) as Rules;
    expect(rules.alerting.map(({ name, ruler }) => [name, ruler])).toEqual([
      ['ManyErrors', 'ruler loki'],
      ['Tills are rude', 'Grafana alerting'],
    ]);
    expect(rules.silent).toEqual(['ruler mimir']);
    const baseline = readLog(folder.log).events.find((event) => event.type === 'baseline-taken');
    expect(baseline).toMatchObject({ alertsFiring: ['ManyErrors', 'Tills are rude'] });
    expect(asked.filter((query) => /till"|rudeness \|/.test(query))).toEqual([]);
    expect(recorded.queries.filter(({ kind }) => kind === 'alert-rule')).toEqual([]);
    expect(card.notObserved).toContain('ruler mimir did not answer for a part of the game; there are gaps.');
  });

  it('case D18: asks for expected panels and the stack before those of strangers', () => {
    expect(outcomes('tills')[0]).toEqual(['recorded']);
    const stack = recorded.queries.filter(({ kind }) => kind === 'stack');
    expect(stack.length).toBeGreaterThan(0);
    expect(stack.every(({ outcome }) => outcome === 'recorded')).toBe(true);
    const left = recorded.queries.filter(({ why }) => why === 'over the budget of 600 queries');
    expect(left.length).toBeGreaterThan(0);
    expect(new Set(left.map(({ panel }) => panel?.dashboard.slice(0, 3)))).not.toContain('til');
    expect(card.dashboards.boards.map(({ verdict }) => verdict)).not.toContain('misled');
  });

  it('case D18: says what was not asked', () => {
    expect(card.notObserved.join('\n')).toMatch(/\d+ panels? .*over the budget of 600 queries/);
  });

  it('asks for a query that several panels share once', () => {
    expect(asked.filter((query) => query === 'sum(up)')).toHaveLength(1);
  });

  it('case G6: a query that is not answered is asked again once, and its panel is not observed', () => {
    const [, slow] = outcomes('tills');
    expect(slow?.[0]).toBe('no answer');
    expect(slow?.[1]).toMatch(/got HTTP 502 .*, asked twice$/);
    expect(slow?.[1]).not.toMatch(/127\.0\.0\.1/);
    expect(asked.filter((query) => query === 'sum(up) + 9999')).toHaveLength(2);
    expect(panels('tills')?.map(({ status }) => status)[1]).toBe('not recorded');
    const verdict = card.dashboards.expected.find(({ panel }) => panel === 'Slow')?.verdict;
    expect(verdict).toBe('not recorded');
    const texts = card.findings.map(({ text }) => text).join('\n');
    expect(texts).not.toMatch(/cannot be drawn|\.\./);
  });
});

import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareRules } from '../backtest/compare.ts';
import { gamesIn, isLeftOut, loadRecordedGame } from '../backtest/game.ts';
import { readRules } from '../backtest/read-rules.ts';
import { packageRoot } from '../paths.ts';
import { LabelSet } from '../promql/series/labels.ts';
import type { FixedSeries } from '../promql/series/source.ts';
import { packRaw, rawFile } from '../signal/raw/recording.ts';
import { type Figure, timed } from './measure.ts';

const games = 45;

/** Apps, each with as many pods, series a pod and rules. */
const apps = { count: 15, pods: 2, rules: 20 };

/** Of the fixture: when its fault began, and how far its recording goes back and on, s. */
const fixture = { injected: 1_795_320_517, back: 480, on: 120 };

/** `misfortune check` over recorded games: reading them, evaluating 300 rules of before and of after. */
export async function backtestFigures(home: string): Promise<Figure[]> {
  const what = `check of ${games} games × ${apps.count * apps.rules} rules`;
  const source = join(packageRoot, 'test/fixtures/games/haymaker-mitigated');
  if (!existsSync(source))
    return [{ what, value: 'not measured', how: 'the recorded games of the tests are not here' }];
  const start = fixture.injected - fixture.back;
  const end = fixture.injected + fixture.on;
  const series = someSeries(start, end);
  const packed = packRaw({ start, end, namespaces: ['shop'], asked: [], skipped: [], series });
  const folder = join(home, 'games');
  for (let game = 0; game < games; game++) {
    const one = join(folder, `game-${game}`);
    cpSync(source, one, { recursive: true });
    writeFileSync(rawFile(join(one, 'series')), packed);
  }
  writeFileSync(join(home, 'rules.yaml'), ruleFile(0.5));
  writeFileSync(join(home, 'other.yaml'), ruleFile(0.6));
  let rows = 0;
  const before = process.cpuUsage();
  const ms = await timed(async () => {
    const [base, rules] = [readRules(join(home, 'rules.yaml')), readRules(join(home, 'other.yaml'))];
    for (const each of gamesIn(folder)) {
      const game = await loadRecordedGame(each);
      if (isLeftOut(game)) throw new Error(game.why);
      rows += compareRules(game, { base, rules, laterMs: 0 }).length;
    }
  });
  const cpu = process.cpuUsage(before);
  const seconds = (cpu.user + cpu.system) / 1e6;
  const samples = series.reduce((sum, { times }) => sum + times.length, 0);
  const most = Math.round(process.resourceUsage().maxRSS / 1024);
  return [
    {
      what,
      value: `${(ms / 1000).toFixed(1)} s, ${seconds.toFixed(1)} s of CPU`,
      how: `once, one thread, rules of before and after: ${series.length} series, ${samples} samples, ${end - start} evaluations a game; ${rows} rows`,
    },
    { what: 'memory of the check', value: `${most} MB`, how: 'most that this process had by then' },
    { what: 'samples of one game', value: `${Math.round(packed.length / 1000)} kB`, how: 'compressed' },
  ];
}

/** A scrape a second of counters, histograms and gauges that move a little, each target at moments of its own. */
function someSeries(start: number, end: number): FixedSeries[] {
  const seconds = end - start;
  const found: FixedSeries[] = [];
  for (let app = 0; app < apps.count; app++) {
    for (let pod = 0; pod < apps.pods; pod++) {
      const times = Float64Array.from(
        { length: seconds },
        (_, at) => (start + at) * 1000 + ((app * 61 + pod * 17) % 1000),
      );
      const labels = {
        app: `app-${app}`,
        pod: `app-${app}-${pod}`,
        namespace: 'shop',
        job: `app-${app}`,
        instance: `10.0.${app}.${pod}:80`,
      };
      const add = (more: Record<string, string>, value: (at: number) => number) =>
        found.push({
          labels: LabelSet.from({ ...labels, ...more }),
          times,
          values: times.map((_, at) => value(at)),
        });
      for (const path of ['/', '/quote', '/pay', '/cart'])
        for (const [index, le] of [
          '0.005',
          '0.01',
          '0.025',
          '0.05',
          '0.1',
          '0.25',
          '0.5',
          '1',
          '2.5',
          '+Inf',
        ].entries())
          add(
            { __name__: 'http_request_duration_seconds_bucket', path, le },
            (at) => at * (index + 1) + ((at * 7 + index) % 3),
          );
      for (const code of ['200', '404', '500', '503'])
        add({ __name__: 'http_requests_total', code }, (at) => Math.floor((at * 30) / Number(code[0])));
      for (let gauge = 0; gauge < 30; gauge++)
        add({ __name__: `gauge_${gauge}` }, (at) =>
          gauge % 3 === 0 ? gauge / 100 : ((at * (gauge + 1)) % 17) / 10,
        );
      for (let counter = 0; counter < 26; counter++)
        add({ __name__: `counter_${counter}_total` }, (at) =>
          counter % 2 === 0 ? counter : Math.floor(at / counter) * 3,
        );
    }
  }
  return found;
}

function ruleFile(threshold: number): string {
  const groups = Array.from({ length: apps.count }, (_, app) => {
    const of = `app="app-${app}"`;
    const buckets = `sum by (le) (rate(http_request_duration_seconds_bucket{${of}}[1m]))`;
    const records = [0.5, 0.95, 0.99].map(
      (quantile) =>
        `  - { record: 'app:p${quantile * 100}', labels: { ${of.replace('=', ': ')} }, expr: 'histogram_quantile(${quantile}, ${buckets})' }`,
    );
    const errors = `  - { record: 'app:errors', expr: 'sum by (app) (rate(http_requests_total{${of},code=~"5.."}[1m])) / sum by (app) (rate(http_requests_total{${of}}[1m]))' }`;
    const alerts = Array.from({ length: apps.rules - 4 }, (__, index) => {
      const expr = [
        `app:p95{${of}} > ${threshold}`,
        `app:errors{${of}} > ${threshold / 5}`,
        `avg_over_time(gauge_${index}{${of}}[2m]) > ${threshold * 3}`,
        `absent(gauge_${index}{${of}})`,
        `sum by (app) (increase(counter_${index}_total{${of}}[2m])) > 1e6`,
        `max by (pod) (gauge_${index}{${of}}) > 1 and on (pod) gauge_${index + 1}{${of}} > 1`,
      ][index % 6];
      return `  - { alert: App${app}Alert${index}, expr: '${expr}', for: 1m, labels: { severity: page } }`;
    });
    return [`- name: app-${app}`, '  interval: 5s', '  rules:', ...records, errors, ...alerts];
  });
  return ['groups:', ...groups.flat(), ''].join('\n');
}

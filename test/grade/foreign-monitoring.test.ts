import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inOrderOfNeed } from '../../src/game/recording/recording-order.ts';
import { budget } from '../../src/game/recording/wanted.ts';
import { grade } from '../../src/grade/grade.ts';
import type { GradeInput } from '../../src/grade/input.ts';
import { loadGradeInput } from '../../src/grade/load.ts';
import type { Scorecard } from '../../src/grade/scorecard.ts';
import { gameFolder } from '../../src/log/folder.ts';
import { packageRoot } from '../../src/paths.ts';
import { type PanelReading, readPanels } from '../../src/signal/dashboard/read.ts';
import { connectGrafana } from '../../src/signal/grafana.ts';
import { connectPrometheus } from '../../src/signal/prometheus.ts';
import type { RecordedQuery, RecordedSeries } from '../../src/signal/recorded-series.ts';
import type { Series } from '../../src/signal/series.ts';
import { foreignDashboards, foreignRules, jobs, kubePrometheusLike } from './kube-prometheus-like.ts';

/** What the foreign dashboards ask, read as a game reads them. */
let readings: { uid: string; panels: PanelReading[] }[];
beforeAll(async () => {
  const server = await kubePrometheusLike();
  const prometheus = connectPrometheus({ url: server.url });
  const grafana = connectGrafana({ url: server.url });
  const range = { start: 1_700_000_000, end: 1_700_000_900 };
  readings = [];
  for (const dashboard of foreignDashboards) {
    const panels = await readPanels(dashboard, { prometheus, grafana, range, step: 5 });
    readings.push({ uid: dashboard.uid, panels });
  }
  await server.close();
});

const queries = () => readings.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries));

describe('dashboards and rules of the shape of kube-prometheus', () => {
  it('are 33 and 234', () => {
    expect(foreignDashboards).toHaveLength(33);
    expect(foreignRules.alerting.length + foreignRules.recording.length).toBe(234);
  });

  it('are asked with an empty cluster where nothing has that label, and nothing is left unresolved', () => {
    expect(queries().length).toBeGreaterThan(350);
    expect(queries().filter(({ left }) => left !== undefined)).toEqual([]);
    expect(queries().filter(({ expr }) => /\$/.test(expr))).toEqual([]);
    expect(queries().some(({ expr }) => expr.includes('cluster="", namespace="default"'))).toBe(true);
  });

  it('repeat a panel for each instance', () => {
    const titles = readings[0]!.panels.map(({ panel }) => panel.title);
    expect(titles.filter((title) => /^Of 10\.0\.0\.[12]:9100/.test(title)).length).toBeGreaterThan(2);
  });

  it('have rates of four scrapes: 240 s of what is scraped each 60 s, 60 s of what is each 15 s', () => {
    const windows = new Map<string, Set<string>>();
    for (const { expr } of queries()) {
      const [, metric, window] = /rate\((\w+)\{[^}]*\}\[(\w+)\]/.exec(expr) ?? [];
      if (metric && window && window !== '5m')
        windows.set(metric, (windows.get(metric) ?? new Set()).add(window));
    }
    const wanted = Object.values(jobs).flatMap(({ counters, interval }) =>
      counters.map((name) => [name, new Set([interval === '1m' ? '240s' : '60s'])] as const),
    );
    expect(windows).toEqual(new Map(wanted));
  });
});

describe.each(['haymaker-mitigated', 'broken-upstream-mitigated', 'haymaker-badly'])(
  'the game %s',
  (name) => {
    let input: GradeInput;
    let beside: GradeInput;
    let alone: Scorecard;
    let card: Scorecard;
    beforeAll(async () => {
      input = await loadGradeInput(gameFolder(join(packageRoot, 'test/fixtures/games', name)));
      beside = besideOthers(input);
      alone = grade(input);
      card = grade(beside);
    });

    it('has the grades beside foreign monitoring that it has alone', () => {
      const grades = ({ alerts, dashboards, playbook, response }: Scorecard) => ({
        alerts: [alerts.letter, alerts.score, alerts.parts, alerts.expected],
        dashboards: [dashboards.letter, dashboards.score, dashboards.parts, dashboards.expected],
        playbook: [playbook.score, playbook.coverage, playbook.order],
        response,
      });
      expect(grades(card)).toEqual(grades(alone));
    });

    it('says of its own dashboards what it says alone, and nothing is broken that nobody opened', () => {
      const own = new Set(input.dashboards.map(({ uid }) => uid));
      expect(card.dashboards.boards.filter(({ uid }) => own.has(uid))).toEqual(alone.dashboards.boards);
      expect(card.dashboards.boards.filter((board) => board.own).map(({ uid }) => uid)).toEqual(
        [...own].sort(),
      );
      // A metric that a foreign dashboard shows is no blind spot any more: that sentence alone may go.
      const texts = card.findings.map(({ text }) => text).filter((text) => !/on no panel/.test(text));
      const before = alone.findings.map(({ text }) => text).filter((text) => !/on no panel/.test(text));
      expect(texts).toEqual(before);
    });

    it('asks within the budget for all that its grade is made of', () => {
      const { scenario, playbook, state } = input;
      const asked = inOrderOfNeed(beside.series!.queries, {
        ...{ scenario, playbook, state, rules: beside.rules, namespaces: ['shop', 'batch'] },
      }).slice(0, budget.queries);
      const names = new Set(asked.map(({ name, query }) => `${name} ${query}`));
      const needed = input.series!.queries.filter(({ kind, panel }) => {
        return ['signal', 'alerts', 'stack'].includes(kind) || panel !== undefined;
      });
      const missing = needed.filter((one) => !names.has(`${one.name} ${one.query}`));
      expect(missing.map((one) => one.name)).toEqual([]);
      expect(beside.series!.queries.length).toBeGreaterThan(budget.queries);
    });
  },
);

/** The game as it would have been recorded beside the foreign monitoring, theirs first. */
function besideOthers(input: GradeInput): GradeInput {
  const series = input.series!;
  const panels = readings.flatMap(({ uid, panels: shown }) =>
    shown.flatMap(({ panel: { id, title, copy }, queries: asked }) =>
      asked.map(({ refId, expr, legend }, at): RecordedQuery => {
        const kind = (id + at) % 3;
        return {
          ...{ kind: 'panel', name: `${uid}/${title}/${refId}`, query: expr },
          panel: { dashboard: uid, title, id, ...(copy && { copy }), refId, legend },
          // Of each three one stays, one has no data, one is refused.
          ...(kind === 2
            ? { outcome: 'refused', why: 'Prometheus says: no', series: [] }
            : { outcome: 'recorded', series: kind === 0 ? [flat(series)] : [] }),
        };
      }),
    ),
  );
  const rules = foreignRules.alerting.flatMap(({ name, query }): RecordedQuery[] => [
    { kind: 'alert-rule', name, query, outcome: 'recorded', series: [] },
    { kind: 'alert-value', name, query: query.split(' > ')[0]!, outcome: 'recorded', series: [flat(series)] },
  ]);
  const boards = Object.fromEntries(
    readings.map(({ uid, panels: shown }) => [uid, shown.map(({ panel }) => panel)]),
  );
  return {
    ...input,
    dashboards: [...foreignDashboards, ...input.dashboards],
    rules: {
      alerting: [...foreignRules.alerting, ...input.rules!.alerting],
      recording: [...foreignRules.recording, ...input.rules!.recording],
    },
    series: { ...series, boards, queries: [...panels, ...rules, ...series.queries] },
  };
}

function flat({ start, end, step }: RecordedSeries): Series {
  const length = Math.floor((end - start) / step) + 1;
  return {
    labels: { namespace: 'default', pod: 'other' },
    points: Array.from({ length }, (_, at) => [start + at * step, 5]),
  };
}

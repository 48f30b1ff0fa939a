import { atOnce } from '../../at-once.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { askRange } from '../../signal/ask-range.ts';
import { legendOf } from '../../signal/dashboard/legend.ts';
import type { Panel } from '../../signal/dashboard/panels.ts';
import { type PanelReading, readPanels } from '../../signal/dashboard/read.ts';
import { connectGrafana } from '../../signal/grafana.ts';
import { connectPrometheus } from '../../signal/prometheus.ts';
import type { DashboardSummary } from '../../signal/series.ts';

/** Where dashboards and series are read: in a recorded shell these are the recorder's addresses. */
export interface DashSource {
  prometheus: string;
  grafana: string;
}

export interface DashOptions {
  /** How far back, seconds. */
  seconds: number;
  /** Wall ms. */
  now: number;
  variables?: Record<string, string>;
  signal?: AbortSignal;
}

export interface DashPanel {
  panel: Panel;
  series: { legend: string; points: [number, number][] }[];
  /** Why there is nothing to draw: a query failed, a variable has no value, it is a library panel. */
  problem?: string;
  /** Why some of its queries are not drawn, while others are. */
  left?: string[];
}

export interface DrawnDashboard {
  uid: string;
  title: string;
  from: number;
  until: number;
  panels: DashPanel[];
}

/** Sent with every request, so that the recorder knows it for one look at a dashboard. */
const agent = { 'user-agent': 'misfortune-dash' };

export function listDashboards(source: DashSource, signal?: AbortSignal): Promise<DashboardSummary[]> {
  return connectGrafana({ url: source.grafana, headers: agent }).search(signal);
}

/** Reads a dashboard by uid or title and asks Prometheus for every panel's series. */
export async function readDashboard(
  source: DashSource,
  name: string,
  options: DashOptions,
): Promise<DrawnDashboard> {
  const grafana = connectGrafana({ url: source.grafana, headers: agent });
  const known = await grafana.search(options.signal);
  const wanted = known.find(({ uid, title }) => uid === name || title.toLowerCase() === name.toLowerCase());
  if (!wanted) {
    throw new MisfortuneError('unknown-dashboard', `There is no dashboard "${name}".`, {
      todo: `There are ${known.map(({ uid }) => uid).join(', ') || 'none'}.`,
      exitCode: exitCodes.usage,
    });
  }
  const dashboard = await grafana.dashboard(wanted.uid, options.signal);
  // Whatever is asked for it is one look at this dashboard, also through Grafana.
  const headers = { ...agent, 'x-dashboard-uid': wanted.uid };
  const prometheus = connectPrometheus({ url: source.prometheus, headers });
  const end = Math.floor(options.now / 1000);
  const start = end - options.seconds;
  const step = Math.max(5, Math.ceil(options.seconds / 120));
  const { variables: overrides, signal } = options;
  const range = { start, end, step };
  const readings = await readPanels(dashboard, {
    prometheus,
    grafana: connectGrafana({ url: source.grafana, headers }),
    ...{ range, step, overrides, signal },
  });
  const panels = await atOnce(readings, (reading) => drawnPanel(reading, range, signal), panelsAtOnce);
  return { uid: wanted.uid, title: dashboard.title, from: start * 1000, until: end * 1000, panels };
}

/** Panels that are asked for at once. */
const panelsAtOnce = 4;

async function drawnPanel(
  { panel, queries }: PanelReading,
  range: { start: number; end: number; step: number },
  signal: AbortSignal | undefined,
): Promise<DashPanel> {
  if (panel.library)
    return { panel, series: [], problem: `library panel ${panel.library} is not part of the dashboard` };
  const asked = await Promise.all(
    queries.map(async (query) => ({
      query,
      ...(query.left ?? (await askRange(query.prometheus, query.expr, range, signal))),
    })),
  );
  const series = asked.flatMap((one) =>
    ('series' in one ? one.series : []).map(({ labels, points }) => ({
      legend: legendOf(one.query.legend, labels),
      points,
    })),
  );
  const reasons = [...new Set(asked.flatMap(({ why }) => why ?? []))];
  if (reasons.length === 0) return { panel, series };
  const isDrawn = asked.some(({ outcome }) => outcome === 'recorded');
  return isDrawn ? { panel, series, left: reasons } : { panel, series, problem: reasons.join('; ') };
}

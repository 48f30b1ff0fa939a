import { exitCodes, MisfortuneError } from '../../errors.ts';
import {
  type ExpandedTarget,
  expandPanel,
  legendOf,
  type Panel,
  panelsOf,
  resolveVariables,
} from '../../signal/dashboard.ts';
import { connectGrafana } from '../../signal/grafana.ts';
import { connectPrometheus } from '../../signal/prometheus.ts';
import type { DashboardSummary, Prometheus } from '../../signal/series.ts';

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
  const prometheus = connectPrometheus({
    url: source.prometheus,
    headers: { ...agent, 'x-dashboard-uid': wanted.uid },
  });
  const variables = await resolveVariables(dashboard, prometheus, {
    overrides: options.variables,
    signal: options.signal,
  });
  const end = Math.floor(options.now / 1000);
  const start = end - options.seconds;
  const step = Math.max(5, Math.ceil(options.seconds / 120));
  const panels = await Promise.all(
    panelsOf(dashboard).map((panel) =>
      readPanel(
        prometheus,
        panel,
        expandPanel(panel, variables, { start, end }, step, { scrapeSeconds: 5 }),
        { start, end, step },
        options.signal,
      ),
    ),
  );
  return { uid: wanted.uid, title: dashboard.title, from: start * 1000, until: end * 1000, panels };
}

async function readPanel(
  prometheus: Prometheus,
  panel: Panel,
  targets: ExpandedTarget[],
  range: { start: number; end: number; step: number },
  signal: AbortSignal | undefined,
): Promise<DashPanel> {
  if (panel.library)
    return { panel, series: [], problem: `library panel ${panel.library} is not part of the dashboard` };
  const unresolved = targets.flatMap((target) => target.unresolved);
  if (unresolved.length > 0) return { panel, series: [], problem: `no value for $${unresolved.join(', $')}` };
  try {
    const answers = await Promise.all(
      targets.map(async (target) => ({
        target,
        series: await prometheus.queryRange(target.expr, range, signal),
      })),
    );
    return {
      panel,
      series: answers.flatMap(({ target, series }) =>
        series.map(({ labels, points }) => ({ legend: legendOf(target.legend, labels), points })),
      ),
    };
  } catch (error) {
    signal?.throwIfAborted();
    return { panel, series: [], problem: (error as Error).message };
  }
}

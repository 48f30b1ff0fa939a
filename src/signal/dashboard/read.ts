import type { Dashboard, Grafana, Prometheus } from '../series.ts';
import { addMatchers } from './add-matchers.ts';
import { type BuiltIns, interpolate } from './interpolate.ts';
import { defaultScrapeSeconds, intervalBuiltIns, minStepOf, type TimeRange } from './intervals.ts';
import { type Panel, panelsOf, type Target } from './panels.ts';
import { repeated } from './repeat.ts';
import { readScrapeIntervals, type ScrapeIntervals } from './scrapes.ts';
import { type Addressee, readSources, type Sources } from './sources.ts';
import type { Variables } from './variable.ts';
import { dashboardBuiltIns, noValue, resolveVariables } from './variables.ts';

/** A panel with what is to be asked for it. */
export interface PanelReading {
  panel: Panel;
  queries: PanelQuery[];
}

export interface PanelQuery {
  refId: string;
  /** PromQL that can be sent; as it was written where it is not to be asked. */
  expr: string;
  legend: string;
  instant: boolean;
  /** Who is asked. */
  prometheus: Prometheus;
  /** It is not to be asked, and why. */
  left?: { outcome: 'not asked' | 'other source'; why: string };
}

export interface ReadOptions {
  prometheus: Prometheus;
  grafana?: Grafana;
  range: TimeRange;
  /** Seconds; the same for every window that is compared. */
  step: number;
  overrides?: Record<string, string>;
  signal?: AbortSignal;
  /** Read before, where several dashboards are read. */
  sources?: Sources;
}

/**
 * The panels of a dashboard as somebody sees them who opens it, and their queries: variables filled in, repeated panels
 * once for each value, each query for the data source that it names. The one reading of dashboards: drawing, recording
 * and scanning share it. Throws only what the signal is aborted with.
 */
export async function readPanels(dashboard: Dashboard, options: ReadOptions): Promise<PanelReading[]> {
  const { prometheus, grafana, range, signal } = options;
  const sources = options.sources ?? (await readSources({ prometheus, grafana }, signal));
  const variables = await resolveVariables(dashboard, { ...options, sources });
  const builtIns = await dashboardBuiltIns(dashboard, grafana, signal);
  const written = panelsOf(dashboard);
  const shown = written.flatMap((panel) => repeated(panel, variables));
  // With the shortest windows the metrics are the same: they say how long the windows have to be.
  const draft = shown.flatMap(({ panel, variables: own }) =>
    panel.targets.map(({ expr }) => {
      return interpolate(expr, own.values, { ...builtIns, ...intervalBuiltIns(range, options.step, 15, 15) })
        .text;
    }),
  );
  const isOfRates = written.some(({ targets }) => targets.some(({ expr }) => expr.includes('interval')));
  const scrapes = isOfRates ? await readScrapeIntervals(prometheus, draft, signal) : undefined;
  return shown.map(({ panel, variables: own }) => ({
    panel,
    queries: targetsOf(panel, written).map((target) =>
      queryOf(target, { ...options, variables: own, builtIns, sources, scrapes }),
    ),
  }));
}

/** Targets that are drawn; those of "-- Dashboard --" are another panel's. A circle ends in nothing. */
function targetsOf(panel: Panel, all: readonly Panel[], open: readonly Panel[] = []): Target[] {
  return panel.targets
    .filter(({ hide }) => !hide)
    .flatMap((target): Target[] => {
      const { from } = target;
      if (!from || !('panelId' in from)) return [target];
      const other = all.find(({ id }) => id === from.panelId);
      if (!other || other === panel || open.includes(other)) return [target];
      return targetsOf(other, all, [...open, panel]);
    });
}

interface Context extends ReadOptions {
  variables: Variables;
  builtIns: BuiltIns;
  sources: Sources;
  scrapes: ScrapeIntervals | undefined;
}

function queryOf(target: Target, context: Context): PanelQuery {
  const { refId, expr, instant, from } = target;
  const { variables, range, step, scrapes, sources, prometheus } = context;
  const legend = (builtIns: BuiltIns = context.builtIns) =>
    interpolate(target.legend, variables.values, builtIns, 'glob').text;
  const left = (outcome: 'not asked' | 'other source', why: string): PanelQuery => ({
    ...{ refId, expr, legend: legend(), instant, prometheus },
    left: { outcome, why },
  });
  if (from && 'panelId' in from)
    return left('not asked', `shows what panel ${from.panelId} shows, which has no query here`);
  if (from) return left('not asked', `computed by Grafana (${from.computed})`);
  const whom: Addressee = sources.addressee(target.source, variables);
  if (!('prometheus' in whom)) return left(whom.outcome, whom.why);
  const minStep = minStepOf(interpolate(target.interval, variables.values, context.builtIns, 'raw').text);
  const usual = minStep ?? whom.source?.intervalSeconds;
  const fill = (scrape: number) => {
    const builtIns = { ...context.builtIns, ...intervalBuiltIns(range, step, scrape, minStep) };
    return { builtIns, ...interpolate(expr, variables.values, builtIns) };
  };
  const isOwn = whom.prometheus === prometheus;
  const measured = isOwn ? scrapes?.of(fill(defaultScrapeSeconds).text) : undefined;
  const scrape = Math.max(usual ?? 0, measured ?? 0) || defaultScrapeSeconds;
  const { text, unresolved, builtIns } = fill(scrape);
  if (unresolved.length > 0)
    return left('not asked', unresolved.map((name) => noValue(name, variables)).join('; '));
  const query = isOwn ? addMatchers(text, variables.matchers) : text;
  return { refId, expr: query, legend: legend(builtIns), instant, prometheus: whom.prometheus };
}

import type { Panel } from '../../signal/dashboard/panels.ts';
import { clean } from '../../words/clean.ts';
import { quantity } from '../../words/number.ts';
import { cell, widthOf } from '../../words/width.ts';
import type { Theme } from '../draw/theme.ts';
import { sparkline } from '../sparkline.ts';
import type { DashPanel, DrawnDashboard } from './read.ts';

export interface DashLine {
  text: string;
  tone?: keyof Theme;
}

/** A legend made of labels that the series does not have. */
const unnamed = '(no name)';

/** Series drawn per panel; the rest is counted. */
const shownSeries = 6;

/** A dashboard as lines: per panel its title, then per series legend, last value, curve, threshold. */
export function dashboardLines(dashboard: DrawnDashboard, width: number): DashLine[] {
  const minutes = Math.round((dashboard.until - dashboard.from) / 60_000);
  const lines: DashLine[] = [{ text: `${clean(dashboard.title)}   last ${minutes} min`, tone: 'accent' }];
  let row = '';
  for (const drawn of dashboard.panels) {
    if (drawn.panel.row !== row) {
      row = drawn.panel.row;
      if (row) lines.push({ text: '' }, { text: `▾ ${clean(row)}`, tone: 'quiet' });
    }
    lines.push({ text: '' }, ...panelLines(drawn, dashboard, width));
  }
  return lines;
}

function panelLines(
  { panel, series, problem, left = [] }: DashPanel,
  range: DrawnDashboard,
  width: number,
): DashLine[] {
  const head: DashLine = { text: `${clean(panel.title) || 'untitled'}${thresholdText(panel)}` };
  if (problem) return [head, { text: `  ${clean(problem)}`, tone: 'bad' }];
  if (panel.targets.length === 0)
    return [head, { text: `  ${clean(panel.description) || '(text)'}`, tone: 'quiet' }];
  const notes = left.map((why): DashLine => ({ text: `  not drawn: ${clean(why)}`, tone: 'quiet' }));
  if (series.length === 0) return [head, { text: '  no data', tone: 'warn' }, ...notes];
  const ranked = [...series].sort((a, b) => last(b.points) - last(a.points));
  const legendWidth = Math.min(
    34,
    Math.max(unnamed.length, ...ranked.slice(0, shownSeries).map(({ legend }) => widthOf(clean(legend)))),
  );
  const curve = Math.max(10, Math.min(60, width - legendWidth - 16));
  const lines = ranked.slice(0, shownSeries).map(({ legend, points }): DashLine => {
    const value = last(points);
    const drawn = sparkline(
      points.map(([at, v]) => [at * 1000, v]),
      curve,
      { from: range.from, until: range.until + 1 },
    );
    const tone = toneOf(panel, value);
    return {
      text: `  ${cell(clean(legend) || unnamed, legendWidth)}  ${cell(quantity(Number.isFinite(value) ? value : null, panel.unit), 10)} ${drawn}`,
      ...(tone ? { tone } : {}),
    };
  });
  const more = ranked.length - shownSeries;
  return [
    head,
    ...lines,
    ...(more > 0 ? [{ text: `  and ${more} more series`, tone: 'quiet' as const }] : []),
    ...notes,
  ];
}

function last(points: readonly [number, number][]): number {
  return points.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY;
}

function thresholdText({ thresholds, unit }: Panel): string {
  const marks = thresholds
    .filter(({ value }) => value !== null)
    .map(({ value, color }) => `${color} from ${quantity(value, unit)}`);
  return marks.length > 0 ? `   (${marks.join(', ')})` : '';
}

/** The threshold step that the value has reached, by the meaning that its colour has in Grafana. */
function toneOf({ thresholds }: Panel, value: number): keyof Theme | undefined {
  if (thresholds.length < 2 || !Number.isFinite(value)) return undefined;
  const color = thresholds.findLast((step) => step.value === null || value >= step.value)?.color ?? '';
  if (/red/.test(color)) return 'bad';
  if (/orange|yellow/.test(color)) return 'warn';
  return /green/.test(color) ? 'good' : undefined;
}

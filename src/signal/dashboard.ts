import type { Dashboard } from './series.ts';

export { type ExpandedTarget, expandPanel, legendOf } from './expand.ts';
export { resolveVariables } from './variables.ts';

/** A panel of a Grafana dashboard as far as it is read here. */
export interface Panel {
  id: number;
  title: string;
  /** Grafana's panel type: timeseries, stat, gauge, table, text … */
  type: string;
  description: string;
  /** Title of the row it is in; '' outside of rows. */
  row: string;
  /** The row is collapsed: the panel is not seen before somebody opens it. */
  collapsed: boolean;
  /** Place on Grafana's grid of 24 columns. */
  grid: { x: number; y: number; w: number; h: number };
  /** Grafana's unit id (s, percentunit, reqps …); '' if none is set. */
  unit: string;
  /** Steps in ascending order; the first has no value. */
  thresholds: { value: number | null; color: string }[];
  targets: Target[];
  /** It shows a library panel whose content is not in the dashboard. */
  library?: string;
}

export interface Target {
  refId: string;
  expr: string;
  legend: string;
  /** "Min step" as written, e.g. 30s. */
  interval: string;
  instant: boolean;
  hide: boolean;
}

/** Every panel of a dashboard, rows opened, in reading order: from top to bottom, from left to right. */
export function panelsOf({ model }: Pick<Dashboard, 'model'>): Panel[] {
  const panels: Panel[] = [];
  let row = '';
  for (const raw of [...list(model.panels)].sort(byGrid)) {
    if (raw.type !== 'row') {
      panels.push(panelOf(raw, row, false));
      continue;
    }
    row = text(raw.title);
    // A collapsed row holds its panels; those of an open one follow it.
    for (const inner of list(raw.panels).sort(byGrid))
      panels.push(panelOf(inner, row, raw.collapsed === true));
  }
  // Dashboards of before Grafana 5 have rows at the top and no grid.
  list(model.rows).forEach((old, index) => {
    for (const inner of list(old.panels)) {
      panels.push(
        panelOf({ ...inner, gridPos: inner.gridPos ?? { y: index } }, text(old.title), old.collapse === true),
      );
    }
  });
  return panels;
}

type Json = Record<string, unknown>;

function panelOf(raw: Json, row: string, collapsed: boolean): Panel {
  const library = record(raw.libraryPanel);
  // An exported dashboard may carry the library panel's model inline.
  const source = library.model ? { ...record(library.model), gridPos: raw.gridPos, id: raw.id } : raw;
  const defaults = record(record(source.fieldConfig).defaults);
  const grid = record(source.gridPos);
  return {
    id: number(source.id),
    title: text(source.title) || text(library.name),
    type: text(source.type),
    description: text(source.description),
    row,
    collapsed,
    grid: { x: number(grid.x), y: number(grid.y), w: number(grid.w, 12), h: number(grid.h, 8) },
    unit: text(defaults.unit),
    thresholds: list(record(defaults.thresholds).steps).map(({ value, color }) => ({
      value: typeof value === 'number' ? value : null,
      color: text(color),
    })),
    targets: list(source.targets).flatMap(targetOf),
    ...(Object.keys(library).length > 0 &&
      !library.model && { library: text(library.name) || text(library.uid) }),
  };
}

/** Targets of other data sources than Prometheus have no `expr`. */
function targetOf(raw: Json, index: number): Target[] {
  if (typeof raw.expr !== 'string' || raw.expr.trim() === '') return [];
  return [
    {
      refId: text(raw.refId) || String.fromCharCode(65 + index),
      expr: raw.expr,
      legend: text(raw.legendFormat),
      interval: text(raw.interval),
      instant: raw.instant === true && raw.range !== true,
      hide: raw.hide === true,
    },
  ];
}

function byGrid(left: Json, right: Json): number {
  const [a, b] = [record(left.gridPos), record(right.gridPos)];
  return number(a.y) - number(b.y) || number(a.x) - number(b.x);
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function record(value: unknown): Json {
  return value !== null && typeof value === 'object' ? (value as Json) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown, otherwise = 0): number {
  return typeof value === 'number' ? value : otherwise;
}

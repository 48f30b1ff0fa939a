import { type Json, list, number, record, text } from './json-value.ts';
import { oldThresholds, oldUnit, type ThresholdStep } from './old-schema.ts';
import { classicModel } from './schema-v2.ts';
import type { SourceReference } from './sources.ts';

/** A panel of a Grafana dashboard as far as it is read here. */
export interface Panel {
  id: number;
  title: string;
  /** The title before variables were filled in, where it is another one. */
  written?: string;
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
  thresholds: ThresholdStep[];
  targets: Target[];
  /** It shows a library panel whose content could not be had: which, and why. */
  library?: string;
  /** Names of the variables for whose values it is drawn, one panel a value: of its row, and its own. */
  repeat?: string[];
  /** Which of the repeated panels it is, from 1. */
  copy?: number;
}

export interface Target {
  refId: string;
  expr: string;
  legend: string;
  /** "Min step" as written, e.g. 30s. */
  interval: string;
  instant: boolean;
  hide: boolean;
  source: SourceReference;
  /** It has no query of its own: Grafana computes it, or it takes over what another panel shows. */
  from?: { computed: string } | { panelId: number };
}

/** Every panel of a dashboard, rows opened, in reading order: from top to bottom, from left to right. */
export function panelsOf({ model }: { model: Record<string, unknown> }): Panel[] {
  const classic = classicModel(model);
  const panels: Panel[] = [];
  let row: Json = {};
  for (const raw of list(classic.panels).filter(isOriginal).sort(byGrid)) {
    if (raw.type !== 'row') {
      const own = raw.inRow === undefined ? row : record(raw.inRow);
      panels.push(panelOf(raw, own, raw.inRow !== undefined && own.collapsed === true));
      continue;
    }
    // A collapsed row holds its panels, and what follows it is in no row; those of an open one follow it.
    row = raw.collapsed === true ? {} : raw;
    for (const inner of list(raw.panels).filter(isOriginal).sort(byGrid))
      panels.push(panelOf(inner, raw, raw.collapsed === true));
  }
  // Dashboards of before Grafana 5 have rows at the top and no grid.
  list(classic.rows).forEach((old, index) => {
    let x = 0;
    for (const inner of list(old.panels).filter(isOriginal)) {
      const w = number(inner.span, 6) * 2;
      const gridPos = inner.gridPos ?? { x, y: index * 8, w, h: 8 };
      panels.push(panelOf({ ...inner, gridPos }, old, old.collapse === true));
      x = (x + w) % 24;
    }
  });
  return panels;
}

/** Grafana throws the copies away that a repeated panel or row was saved with, and makes them anew. */
function isOriginal(raw: Json): boolean {
  return raw.repeatPanelId === undefined || raw.repeatPanelId === null || raw.repeat !== undefined;
}

function panelOf(raw: Json, row: Json, collapsed: boolean): Panel {
  const library = record(raw.libraryPanel);
  const isThere = Object.keys(record(library.model)).length > 0;
  // Grafana's answer, or an exported dashboard, may carry the library panel's model.
  const source = isThere ? { ...record(library.model), gridPos: raw.gridPos, id: raw.id } : raw;
  const defaults = record(record(source.fieldConfig).defaults);
  const grid = record(source.gridPos);
  const steps = list(record(defaults.thresholds).steps).map(
    ({ value, color }): ThresholdStep => ({
      value: typeof value === 'number' ? value : null,
      color: text(color),
    }),
  );
  const repeat = [row.repeat, raw.repeat ?? source.repeat]
    .flat()
    .map(text)
    .filter((name) => name !== '');
  return {
    id: number(source.id),
    title: text(source.title) || text(library.name),
    type: text(source.type),
    description: text(source.description),
    row: text(row.title),
    collapsed,
    grid: { x: number(grid.x), y: number(grid.y), w: number(grid.w, 12), h: number(grid.h, 8) },
    unit: text(defaults.unit) || oldUnit(source),
    thresholds: steps.length > 0 ? steps : oldThresholds(source),
    targets: list(source.targets).flatMap((target, index) => targetOf(target, index, source)),
    ...(!isThere && Object.keys(library).length > 0 && { library: libraryText(library) }),
    ...(repeat.length > 0 && { repeat: [...new Set(repeat)] }),
  };
}

function libraryText(library: Json): string {
  const name = text(library.name) || text(library.uid);
  return library.problem === undefined ? name : `${name} (${text(library.problem)})`;
}

function targetOf(raw: Json, index: number, panel: Json): Target[] {
  const isMixed = [panel.datasource, record(panel.datasource).uid].includes('-- Mixed --');
  const written = raw.datasource ?? (isMixed ? undefined : panel.datasource);
  const source: SourceReference =
    typeof written === 'string'
      ? { name: written }
      : { uid: text(record(written).uid), type: text(record(written).type) };
  const target = {
    refId: text(raw.refId) || String.fromCharCode(65 + index),
    expr: text(raw.expr),
    legend: text(raw.legendFormat),
    interval: text(raw.interval) || text(panel.interval),
    instant: raw.instant === true && raw.range !== true,
    hide: raw.hide === true,
    source,
  };
  const named = source.uid || source.name;
  if (named === '-- Dashboard --') return [{ ...target, from: { panelId: number(raw.panelId) } }];
  if (named === '__expr__' || named === '-100' || source.type === '__expr__')
    return [{ ...target, from: { computed: computation(raw) } }];
  // Of other data sources than Prometheus it may have anything, or be a query that was not written yet.
  return target.expr.trim() === '' && !isOtherQuery(raw, source) ? [] : [target];
}

function isOtherQuery(raw: Json, { type = '' }: SourceReference): boolean {
  const about = [
    'refId',
    'datasource',
    'expr',
    'hide',
    'legendFormat',
    'interval',
    'format',
    'range',
    'instant',
  ];
  return type !== '' && type !== 'prometheus' && Object.keys(raw).some((key) => !about.includes(key));
}

/** What an expression of Grafana computes, in its own words. */
function computation(raw: Json): string {
  const { type, expression, reducer } = raw;
  const words = [
    ...(type === 'math' ? [] : [text(type)]),
    ...(type === 'reduce' && text(reducer) !== '' ? [text(reducer)] : []),
    ...(text(expression) === '' ? [] : [type === 'math' ? text(expression) : `of ${text(expression)}`]),
  ];
  return words.join(' ').trim() || 'an expression';
}

function byGrid(left: Json, right: Json): number {
  const [a, b] = [record(left.gridPos), record(right.gridPos)];
  return number(a.y) - number(b.y) || number(a.x) - number(b.x);
}

import { type Json, list, number, record, text } from './json-value.ts';

/**
 * A dashboard's model in the form that all of this folder reads: that of Grafana's /api/dashboards. A dashboard of
 * schema v2 (a resource with `spec.elements` and `spec.layout`, v2alpha1, v2beta1 or v2) is written so; another model
 * is given back as it is. Source: Grafana's schema of `dashboard.grafana.app`.
 */
export function classicModel(model: Record<string, unknown>): Record<string, unknown> {
  const isResource = model.kind === 'Dashboard' && typeof model.spec === 'object';
  const spec = isResource ? record(model.spec) : model;
  const uid = isResource ? { uid: text(record(model.metadata).name) } : {};
  // A resource of v1 has the model of before as its spec.
  if (typeof spec.elements !== 'object' || spec.elements === null) return { ...uid, ...spec };
  return {
    ...uid,
    title: text(spec.title),
    tags: spec.tags,
    timezone: record(spec.timeSettings).timezone,
    templating: { list: list(spec.variables).map(variable) },
    panels: [...panelsIn(record(spec.layout), record(spec.elements))],
  };
}

/** The row of a panel of schema v2, as `panelsOf` reads it. Rows and tabs may hold others. */
export interface RowOfPanel {
  title: string;
  collapsed: boolean;
  repeat: string[];
}

/** Rows and tabs are opened one below the other; each panel says in which it is. */
function panelsIn(layout: Json, elements: Json): Json[] {
  const panels: Json[] = [];
  let top = 0;
  const walk = ({ kind, spec: given }: Json, inRow: RowOfPanel | undefined): void => {
    const spec = record(given);
    for (const part of list(spec.rows ?? spec.tabs)) {
      const inner = record(part.spec);
      walk(record(inner.layout), rowIn(inRow, inner));
    }
    let bottom = 0;
    for (const item of list(spec.items)) {
      const inner = record(item.spec);
      if (item.kind === 'GridLayoutRow') {
        top += bottom;
        bottom = 0;
        walk({ kind, spec: { items: inner.elements } }, rowIn(inRow, inner));
        continue;
      }
      const panel = element(record(elements[text(record(inner.element).name)]));
      if (!panel) continue;
      // An automatic grid has no places: its order is that of reading.
      const isPlaced = typeof inner.y === 'number';
      const [y, h] = isPlaced ? [number(inner.y), number(inner.height, 8)] : [bottom, 8];
      const gridPos = { x: number(inner.x), y: top + y, w: number(inner.width, 12), h };
      panels.push({ ...panel, repeat: repeatOf(inner), gridPos, inRow });
      bottom = Math.max(bottom, y + h);
    }
    top += bottom;
  };
  walk(layout, undefined);
  return panels;
}

function rowIn(outer: RowOfPanel | undefined, spec: Json): RowOfPanel {
  const repeat = repeatOf(spec);
  return {
    title: [outer?.title ?? '', text(spec.title)].filter((each) => each !== '').join(' / '),
    collapsed: spec.collapse === true || spec.collapsed === true || outer?.collapsed === true,
    repeat: [...(outer?.repeat ?? []), ...(repeat === undefined ? [] : [repeat])],
  };
}

function repeatOf({ repeat }: Json): string | undefined {
  return text(record(repeat).value) || undefined;
}

function element({ kind, spec: given }: Json): Json | undefined {
  const spec = record(given);
  if (kind === 'LibraryPanel') {
    const { uid, name } = record(spec.libraryPanel);
    return { id: spec.id, title: spec.title, libraryPanel: { uid, name } };
  }
  if (kind !== 'Panel') return undefined;
  const shown = record(spec.vizConfig);
  const data = record(record(spec.data).spec);
  return {
    id: spec.id,
    title: spec.title,
    description: spec.description,
    // v2alpha1 has the panel type as the kind.
    type: text(shown.group) || text(shown.kind),
    fieldConfig: record(shown.spec).fieldConfig,
    interval: record(data.queryOptions).interval,
    datasource: '-- Mixed --',
    targets: list(data.queries).map((query) => target(record(query.spec))),
  };
}

function target({ refId, hidden, query, datasource }: Json): Json {
  const asked = record(query);
  return { ...record(asked.spec), refId, hide: hidden, datasource: sourceOf(asked, datasource) };
}

/** v2beta1 has `group` for the type and the uid as `datasource.name`; v2alpha1 the type as kind, and `datasource` beside. */
function sourceOf(query: Json, beside: unknown): Json {
  const type = text(query.group) || (query.kind === 'DataQuery' ? '' : text(query.kind));
  const given = { ...record(beside), ...record(query.datasource) };
  return { type: type || text(given.type), uid: text(given.uid) || text(given.name) };
}

const types: Record<string, string> = {
  QueryVariable: 'query',
  CustomVariable: 'custom',
  TextVariable: 'textbox',
  ConstantVariable: 'constant',
  IntervalVariable: 'interval',
  DatasourceVariable: 'datasource',
  AdhocVariable: 'adhoc',
  GroupByVariable: 'groupby',
  SwitchVariable: 'switch',
};

const sorts = [
  'disabled',
  'alphabeticalAsc',
  'alphabeticalDesc',
  'numericalAsc',
  'numericalDesc',
  'alphabeticalCaseInsensitiveAsc',
  'alphabeticalCaseInsensitiveDesc',
  'naturalAsc',
  'naturalDesc',
];

function variable({ kind, spec: given, datasource, group }: Json): Json {
  const spec = record(given);
  const type = types[text(kind)] ?? text(kind);
  const asked = record(spec.query);
  const inner = record(asked.spec);
  return {
    ...spec,
    type,
    sort: sorts.indexOf(text(spec.sort)),
    ...(type === 'query' &&
      typeof spec.query !== 'string' && {
        query: text(inner.query) || text(inner.__legacyStringValue) || inner,
        datasource: sourceOf(asked, spec.datasource),
      }),
    ...(type === 'datasource' && { query: spec.pluginId }),
    ...(type === 'adhoc' && { datasource: spec.datasource ?? sourceOf({ group, datasource }, undefined) }),
  };
}

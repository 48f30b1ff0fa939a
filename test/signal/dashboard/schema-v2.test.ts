import { expect, it } from 'vitest';
import { panelsOf } from '../../../src/signal/dashboard/panels.ts';
import { classicModel } from '../../../src/signal/dashboard/schema-v2.ts';
import { foreign } from './tills.ts';

const query = (expr: string, form: 'v2alpha1' | 'v2beta1') => {
  const kind = form === 'v2alpha1' ? 'prometheus' : 'DataQuery';
  const source = form === 'v2alpha1' ? {} : { group: 'prometheus', datasource: { name: 'p' } };
  return {
    kind: 'PanelQuery',
    spec: {
      refId: 'A',
      hidden: false,
      ...(form === 'v2alpha1' && { datasource: { type: 'prometheus', uid: 'p' } }),
      query: { kind, ...source, spec: { expr } },
    },
  };
};
const element = (id: number, form: 'v2alpha1' | 'v2beta1' = 'v2beta1') => ({
  kind: 'Panel',
  spec: {
    id,
    title: `Panel ${id}`,
    data: { kind: 'QueryGroup', spec: { queries: [query(`up == ${id}`, form)], queryOptions: {} } },
    vizConfig:
      form === 'v2alpha1' ? { kind: 'stat', spec: {} } : { kind: 'VizConfig', group: 'stat', spec: {} },
  },
});
const elements = Object.fromEntries([1, 2, 3, 4, 5].map((id) => [`p${id}`, element(id)]));
const ref = (id: number) => ({ element: { kind: 'ElementReference', name: `p${id}` } });
const grid = (id: number, y: number) => ({
  kind: 'GridLayoutItem',
  spec: { x: 0, y, width: 12, height: 8, ...ref(id) },
});
const gridOf = (...items: object[]) => ({ kind: 'GridLayout', spec: { items } });
const autoOf = (...ids: number[]) => ({
  kind: 'AutoGridLayout',
  spec: { items: ids.map((id) => ({ kind: 'AutoGridLayoutItem', spec: ref(id) })) },
});
const panelsIn = (layout: object) =>
  panelsOf({ model: { kind: 'Dashboard', spec: { title: 'x', elements, layout } } });
const places = (layout: object) =>
  panelsIn(layout).map(({ id, row, collapsed }) => [id, row, ...(collapsed ? ['collapsed'] : [])]);

it('reads a resource that is read directly, without Grafana', () => {
  expect(panelsOf({ model: foreign('schema-v2') })).toMatchObject([
    {
      id: 7,
      title: 'Queue',
      type: 'timeseries',
      unit: 's',
      targets: [{ expr: 'sum(up)', legend: 'tills', source: { uid: 'metrics', type: 'prometheus' } }],
    },
  ]);
});

it('reads queries and panel types of each version alike', () => {
  const [alpha, beta] = (['v2alpha1', 'v2beta1'] as const).map(
    (form) =>
      panelsOf({
        model: {
          kind: 'Dashboard',
          spec: { elements: { p1: element(1, form) }, layout: gridOf(grid(1, 0)) },
        },
      })[0],
  );
  expect(alpha).toMatchObject({ type: 'stat', targets: [{ expr: 'up == 1', source: { uid: 'p' } }] });
  expect(alpha).toEqual(beta);
});

it('reads a grid by its places, and rows inside it', () => {
  const row = {
    kind: 'GridLayoutRow',
    spec: { y: 16, title: 'Closed', collapsed: true, elements: [grid(3, 0)] },
  };
  expect(places(gridOf(grid(2, 8), grid(1, 0), row))).toEqual([
    [1, ''],
    [2, ''],
    [3, 'Closed', 'collapsed'],
  ]);
});

it('reads rows, tabs and automatic grids inside each other, in reading order', () => {
  const rows = {
    kind: 'RowsLayout',
    spec: {
      rows: [
        { kind: 'RowsLayoutRow', spec: { title: 'One', layout: autoOf(4, 5) } },
        {
          kind: 'RowsLayoutRow',
          spec: {
            title: 'Two',
            collapse: true,
            repeat: { mode: 'variable', value: 'n' },
            layout: gridOf(grid(3, 0)),
          },
        },
      ],
    },
  };
  const tabs = {
    kind: 'TabsLayout',
    spec: {
      tabs: [
        { kind: 'TabsLayoutTab', spec: { title: 'A', layout: rows } },
        { kind: 'TabsLayoutTab', spec: { title: 'B', layout: gridOf(grid(1, 0)) } },
      ],
    },
  };
  expect(places(tabs)).toEqual([
    [4, 'A / One'],
    [5, 'A / One'],
    [3, 'A / Two', 'collapsed'],
    [1, 'B'],
  ]);
  expect(panelsIn(tabs)[2]?.repeat).toEqual(['n']);
});

it('reads library panels and variables', () => {
  const library = {
    kind: 'LibraryPanel',
    spec: { id: 9, title: '', libraryPanel: { uid: 'u', name: 'Shared' } },
  };
  const spec = {
    elements: { p9: library },
    layout: gridOf({ kind: 'GridLayoutItem', spec: { x: 0, y: 0, element: { name: 'p9' } } }),
    variables: [
      {
        kind: 'QueryVariable',
        spec: {
          name: 'a',
          sort: 'alphabeticalDesc',
          query: { kind: 'DataQuery', group: 'prometheus', spec: { __legacyStringValue: 'label_values(x)' } },
        },
      },
      { kind: 'DatasourceVariable', spec: { name: 'ds', pluginId: 'prometheus' } },
    ],
  };
  expect(panelsOf({ model: { kind: 'Dashboard', spec } })).toMatchObject([{ id: 9, library: 'Shared' }]);
  expect(classicModel({ kind: 'Dashboard', spec })).toMatchObject({
    templating: {
      list: [
        { name: 'a', type: 'query', sort: 2, query: 'label_values(x)', datasource: { type: 'prometheus' } },
        { name: 'ds', type: 'datasource', query: 'prometheus' },
      ],
    },
  });
});

it('a resource of v1 has the model of before as its spec', () => {
  const spec = { title: 'x', panels: [{ id: 1, title: 'P', targets: [] }] };
  expect(panelsOf({ model: { kind: 'Dashboard', spec } })).toMatchObject([{ id: 1, title: 'P' }]);
});

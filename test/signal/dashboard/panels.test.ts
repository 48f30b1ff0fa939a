import { describe, expect, it } from 'vitest';
import { legendOf } from '../../../src/signal/dashboard/legend.ts';
import { panelsOf } from '../../../src/signal/dashboard/panels.ts';

const target = (expr: string, more: object = {}) => ({ refId: 'A', expr, ...more });
const panel = (title: string, y: number, more: object = {}) => ({
  id: y,
  type: 'timeseries',
  title,
  gridPos: { x: 0, y, w: 12, h: 8 },
  targets: [target('up')],
  ...more,
});

describe('the panels of a dashboard', () => {
  it('come in reading order, also those of rows', () => {
    const model = {
      panels: [
        panel('below', 30),
        { type: 'row', title: 'Open', collapsed: false, gridPos: { y: 9 }, panels: [] },
        panel('in the open row', 10),
        panel('first', 0),
        { type: 'row', title: 'Closed', collapsed: true, gridPos: { y: 20 }, panels: [panel('hidden', 21)] },
      ],
    };
    expect(panelsOf({ model }).map(({ title, row, collapsed }) => [title, row, collapsed])).toEqual([
      ['first', '', false],
      ['in the open row', 'Open', false],
      ['hidden', 'Closed', true],
      ['below', '', false],
    ]);
  });

  it('of before Grafana 5 are in rows', () => {
    const model = { rows: [{ title: 'Row', panels: [{ title: 'old', targets: [target('up')] }] }] };
    expect(panelsOf({ model })).toMatchObject([{ title: 'old', row: 'Row' }]);
  });

  it('may be of a library, with their model or without', () => {
    const model = {
      panels: [
        { gridPos: { y: 0 }, libraryPanel: { uid: 'u', name: 'Shared' } },
        { gridPos: { y: 1 }, libraryPanel: { uid: 'v', name: 'Inline', model: panel('Inline', 0) } },
      ],
    };
    const [without, inline] = panelsOf({ model });
    expect(without).toMatchObject({ title: 'Shared', library: 'Shared', targets: [] });
    expect(inline).toMatchObject({ title: 'Inline', targets: [{ expr: 'up' }] });
    expect(inline).not.toHaveProperty('library');
  });

  it('have units and thresholds, and no targets of other data sources', () => {
    const defaults = {
      unit: 's',
      thresholds: {
        steps: [
          { value: null, color: 'green' },
          { value: 1, color: 'red' },
        ],
      },
    };
    const model = {
      panels: [panel('p', 0, { fieldConfig: { defaults }, targets: [{ refId: 'A', query: 'loki' }] })],
    };
    expect(panelsOf({ model })[0]).toMatchObject({
      unit: 's',
      thresholds: [
        { value: null, color: 'green' },
        { value: 1, color: 'red' },
      ],
      targets: [],
    });
  });
});

describe('a panel of before fieldConfig', () => {
  const one = (more: object) => panelsOf({ model: { panels: [panel('p', 0, more)] } })[0]!;

  it.each([
    ['graph', { yaxes: [{ format: 'bytes' }, { format: 'short' }] }, 'bytes'],
    ['graph of long ago', { y_formats: ['ms', 'short'] }, 'ms'],
    ['singlestat', { format: 'percentunit' }, 'percentunit'],
  ])('of type %s has its unit', (type, more, unit) => {
    expect(one({ type, ...more }).unit).toBe(unit);
  });

  it.each([
    [
      'singlestat',
      { thresholds: '1,2', colors: ['#299c46', 'orange', '#d44a3a'] },
      [
        [null, '#299c46'],
        [1, 'orange'],
        [2, '#d44a3a'],
      ],
    ],
    [
      'graph',
      { thresholds: [{ value: 0.5, op: 'gt', colorMode: 'critical' }] },
      [
        [null, 'green'],
        [0.5, 'red'],
      ],
    ],
    ['singlestat without any', { thresholds: '' }, []],
  ])('of type %s has its thresholds', (type, more, wanted) => {
    expect(one({ type, ...more }).thresholds.map(({ value, color }) => [value, color])).toEqual(wanted);
  });

  it('is thrown away where it is a copy that a repeat left behind', () => {
    const model = { panels: [panel('$x', 0, { repeat: 'x' }), panel('a', 8, { repeatPanelId: 0 })] };
    expect(panelsOf({ model }).map(({ title }) => title)).toEqual(['$x']);
  });
});

describe('whatever is in its place,', () => {
  it.each([
    [{}],
    [{ panels: 'x' }],
    [{ panels: [null, 3, {}] }],
    [{ rows: [{ panels: [[]] }] }],
    [{ spec: 1 }],
  ])('a model like %j is read without a word', (model) => {
    expect(panelsOf({ model }).every(({ title }) => title === '')).toBe(true);
  });
});

describe('a legend', () => {
  it('fills labels, or is the labels', () => {
    expect(legendOf('{{pod}} {{ code }}', { pod: 'a', code: '500' })).toBe('a 500');
    expect(legendOf('', { __name__: 'up', job: 'x' })).toBe('up{job="x"}');
    expect(legendOf('__auto', {})).toBe('');
  });
});

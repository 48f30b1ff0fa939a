import { afterEach, describe, expect, it } from 'vitest';
import { readDashboard } from '../../../src/tui/dash/read.ts';
import { foreign, type TillsOptions, tills } from './tills.ts';

let close: (() => Promise<void>) | undefined;
afterEach(async () => close?.());

/** Draws the last 15 minutes of a fixture: what was asked, and each panel with its series and what is said. */
async function draw(name: string, options: TillsOptions = {}) {
  const server = await tills([foreign(name)], options);
  close = server.close;
  const source = { prometheus: server.url, grafana: server.url };
  const drawn = await readDashboard(source, name, { seconds: 900, now: 1_700_000_000_000 });
  return {
    title: drawn.title,
    asked: server.asked().map(({ query }) => query),
    paths: server.asked().map(({ path }) => path),
    panels: drawn.panels.map(({ panel, series, problem, left }) => ({
      ...{ title: panel.title, unit: panel.unit, series: series.length, said: problem ?? left?.join() },
    })),
  };
}

const panel = (title: string, series: number, said?: string) => ({ title, series, said });

describe('a dashboard of another team', () => {
  it.each([
    ['case D1', 'var-refused', 'label_values(up > 0, pod)'],
    ['case D2', 'var-refused-422', 'query_result(up * on(job) up)'],
  ])('%s: %s loses the panel whose variable cannot be had, and no other', async (_, name, query) => {
    const { asked, panels } = await draw(name);
    expect(asked).toEqual(['sum(up)']);
    expect(panels).toMatchObject([
      panel('Up', 3),
      panel('By till', 0, `no value for $till: Prometheus refuses ${query}`),
    ]);
  });

  it.each([
    ['any status', { status: 500, body: 'oh' }],
    ['what is not JSON', { body: '<html>' }],
    ['a refusal of a proxy', { status: 403, body: 'no' }],
  ])('case D2, also: %s to a variable costs its panel only', async (_, other) => {
    const { asked, panels } = await draw('var-refused', {
      instead: ({ path }) => (path.includes('/label/') ? other : undefined),
    });
    expect(asked).toEqual(['sum(up)']);
    expect(panels[1]?.said).toBe(
      'no value for $till: Prometheus gave no answer to label_values(up > 0, pod)',
    );
  });

  it('case D3: a variable without current and options is empty, and what hangs on it is asked with that', async () => {
    expect((await draw('var-empty')).asked).toEqual(['sum(up{cluster=""})', 'up{cluster="",pod=~"till-a"}']);
  });

  it('case D4: a variable with All and nothing saved is All', async () => {
    const { asked, panels } = await draw('var-all');
    expect(asked).toEqual(['sum by (pod) (up{pod=~"(till-a|till-b|till-c)"})']);
    expect(panels).toMatchObject([panel('By till', 3)]);
  });

  it('case D5: an automatic interval is the range in so many steps', async () => {
    expect((await draw('interval-auto')).asked).toEqual(['sum(rate(till_requests_total[30s]))']);
  });

  const slow = ['sum(rate(till_requests_total[240s]))'];
  it('case D6: a rate window is four scrapes, by the data source', async () => {
    expect((await draw('slow-scrape', { intervals: {} })).asked).toEqual(slow);
  });

  it('case D6: a rate window is four scrapes, by the targets', async () => {
    const sources = [{ uid: 'metrics', name: 'Metrics', type: 'prometheus', isDefault: true }];
    expect((await draw('slow-scrape', { sources })).asked).toEqual(slow);
    // Targets that differ: those of the metric count.
    const intervals = { till: '1m', other: '15s' };
    expect((await draw('slow-scrape', { sources, intervals })).asked).toEqual(slow);
    const quick = { till: '15s', other: '5m' };
    expect((await draw('slow-scrape', { sources, intervals: quick })).asked).toEqual([
      'sum(rate(till_requests_total[60s]))',
    ]);
  });

  it('case D7: what is written for Loki is not asked of Prometheus', async () => {
    const { asked, panels } = await draw('source-logs');
    expect(asked).toEqual(['sum(up)']);
    const said = 'of another source (Logs, loki)';
    expect(panels).toMatchObject([
      panel('Up', 3),
      panel('Error lines', 0, said),
      panel('Lines that look like metrics', 0, said),
    ]);
  });

  it('case D7, also: the type decides where Grafana does not tell its data sources', async () => {
    const { asked, panels } = await draw('source-logs', {
      instead: ({ path }) =>
        path === '/api/datasources' ? { status: 403, body: { message: 'Forbidden' } } : undefined,
    });
    expect(asked).toEqual(['sum(up)']);
    expect(panels[1]?.said).toBe('of another source (logs, loki)');
  });

  it('case D8: another Prometheus is asked through Grafana', async () => {
    const { asked, paths } = await draw('source-other-prometheus');
    const at = asked.indexOf('sum(up{job="till"})');
    expect(paths[at]).toBe('/api/datasources/proxy/uid/metrics-eu/api/v1/query_range');
    expect(paths[1 - at]).toBe('/api/v1/query_range');
  });

  it('case D8, also: one that cannot be reached is said', async () => {
    const { panels } = await draw('source-other-prometheus', {
      instead: ({ path }) => (path.includes('/proxy/') ? { status: 403, body: '{}' } : undefined),
    });
    expect(panels[0]).toMatchObject(panel('Up here', 3));
    expect(panels[1]?.said).toMatch(
      /^Expected Prometheus' JSON from Prometheus, got HTTP 403 .*, asked twice$/,
    );
  });

  it('case D9: of a mixed panel the part for this Prometheus is drawn', async () => {
    const { asked, panels } = await draw('source-mixed');
    expect(asked).toEqual(['sum(rate(till_requests_total[1m]))']);
    expect(panels).toMatchObject([panel('Requests and lines', 3, 'of another source (Logs, loki)')]);
  });

  it('case D10: a repeated panel is one for each value', async () => {
    const { asked, panels } = await draw('repeat-panel');
    expect(asked.sort()).toEqual(['a', 'b', 'c'].map((one) => `sum(up{pod="till-${one}"})`));
    expect(panels).toMatchObject(['till-a', 'till-b', 'till-c'].map((title) => panel(title, 1)));
  });

  it('case D11: an old panel has its unit', async () => {
    expect((await draw('old-rows')).panels).toMatchObject([{ title: 'Wait', unit: 's', series: 3 }]);
  });

  it('case D12: a dashboard of schema v2 is read from the API that has it', async () => {
    const { title, asked, panels } = await draw('schema-v2');
    expect([title, asked]).toEqual(['A dashboard of schema v2', ['sum(up)']]);
    expect(panels).toMatchObject([{ title: 'Queue', unit: 's', series: 3 }]);
  });

  it('case D14: a library panel is read', async () => {
    const { asked, panels } = await draw('library');
    expect(asked).toEqual(['sum(up)', 'sum(up)']);
    expect(panels).toMatchObject([panel('Up', 3), panel('Queue', 3)]);
  });

  it('case D14, also: one that is gone is said', async () => {
    const { panels } = await draw('library', {
      instead: ({ path }) =>
        path.includes('library-elements') ? { status: 404, body: { message: 'gone' } } : undefined,
    });
    expect(panels[1]).toMatchObject(panel('Queue', 0, 'library panel Queue is not part of the dashboard'));
  });

  it('case D15: what Grafana computes is said', async () => {
    const { asked, panels } = await draw('expression');
    expect(asked).toEqual([]);
    expect(panels).toMatchObject([panel('Share of errors', 0, 'computed by Grafana ($A / $B)')]);
  });

  it('case D16: a panel that shows what another shows has its series', async () => {
    const { asked, panels } = await draw('from-panel');
    expect(new Set(asked)).toEqual(new Set(['sum(rate(till_requests_total[1m]))']));
    expect(panels).toMatchObject([panel('Requests', 3), panel('Requests as a number', 3)]);
  });

  it('case D17: names of labels and the dashboard itself have values', async () => {
    expect((await draw('builtin-names')).asked).toEqual([
      'count by (__name__) (up)',
      'sum(up{dashboard!="Labels and names"})',
    ]);
  });
});

describe('a query of ours that is not answered', () => {
  it('case G6: is asked once more, and then said without our address', async () => {
    let first = true;
    const busy = { status: 502, body: 'bad gateway' };
    const again = await draw('fine', {
      instead: ({ path }) => {
        const answer = first && path.endsWith('query_range') ? busy : undefined;
        if (answer) first = false;
        return answer;
      },
    });
    expect(again.panels).toMatchObject([panel('Up', 3)]);
    const never = await draw('fine', {
      instead: ({ path }) => (path.endsWith('query_range') ? busy : undefined),
    });
    expect(never.asked).toHaveLength(2);
    expect(never.panels[0]?.said).toBe(
      `Expected Prometheus' JSON from Prometheus, got HTTP 502 and "bad gateway", asked twice`,
    );
  });

  it('is sent again later where the server is busy', async () => {
    let left = 2;
    const { panels, asked } = await draw('fine', {
      instead: ({ path }) =>
        path.endsWith('query_range') && left-- > 0 ? { status: 429, body: 'slow down' } : undefined,
    });
    expect(asked).toHaveLength(3);
    expect(panels).toMatchObject([panel('Up', 3)]);
  });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { atOnce } from '../../at-once.ts';
import { readJson } from '../../log/folder.ts';
import type { Panel } from '../../signal/dashboard/panels.ts';
import { readPanels } from '../../signal/dashboard/read.ts';
import { readSources } from '../../signal/dashboard/sources.ts';
import type { Range } from '../../signal/recorded-series.ts';
import type { Dashboard } from '../../signal/series.ts';
import type { Play } from '../play.ts';
import { budget, type Wanted } from './wanted.ts';

/** The queries of every panel of the dashboards in the game's folder, as somebody who opens them would send them. */
export async function panelQueries(
  play: Play,
  range: Range,
): Promise<{ wanted: Wanted[]; boards: Record<string, Panel[]> }> {
  const { folder, setup } = play;
  const { prometheus, grafana } = setup.monitoring;
  const sources = await readSources({ prometheus, grafana });
  const dashboards = readdirSync(folder.dashboards)
    .sort()
    .flatMap((name) => (readJson(join(folder.dashboards, name)) as Dashboard | undefined) ?? []);
  const { step } = range;
  const read = await atOnce(
    dashboards,
    (dashboard) => readPanels(dashboard, { prometheus, grafana, range, step, sources }),
    budget.atOnce,
  );
  const boards: Record<string, Panel[]> = {};
  const wanted = dashboards.flatMap(({ uid }, index) => {
    const readings = read[index] ?? [];
    boards[uid] = readings.map(({ panel }) => panel);
    return readings.flatMap(({ panel: { id, title, copy }, queries }) =>
      queries.map(({ refId, expr, legend, left, prometheus: whom }): Wanted => {
        return {
          kind: 'panel',
          name: `${uid}/${title}/${refId}`,
          query: expr,
          panel: { dashboard: uid, title, id, ...(copy && { copy }), refId, legend },
          ...left,
          ...(whom !== prometheus && { prometheus: whom }),
        };
      }),
    );
  });
  return { wanted, boards };
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../log/folder.ts';
import { expandPanel, panelsOf, resolveVariables } from '../signal/dashboard.ts';
import type { Dashboard } from '../signal/series.ts';
import type { Play } from './play.ts';
import type { Range, Wanted } from './record-series.ts';

/** The queries of every panel of the dashboards in the game's folder, as somebody who opens them would send them. */
export async function panelQueries(play: Play, range: Range): Promise<Wanted[]> {
  const { folder, setup } = play;
  const { prometheus } = setup.monitoring;
  const wanted: Wanted[] = [];
  for (const name of readdirSync(folder.dashboards).sort()) {
    const dashboard = readJson(join(folder.dashboards, name)) as Dashboard | undefined;
    if (!dashboard) continue;
    const variables = await resolveVariables(dashboard, prometheus);
    for (const panel of panelsOf(dashboard)) {
      for (const { refId, expr, legend, unresolved } of expandPanel(panel, variables, range, range.step)) {
        wanted.push({
          kind: 'panel',
          name: `${dashboard.uid}/${panel.title}/${refId}`,
          query: expr,
          panel: { dashboard: dashboard.uid, title: panel.title, id: panel.id, refId, legend },
          ...(unresolved.length > 0 && {
            outcome: 'not asked' as const,
            why: `no value for ${unresolved.map((name) => `$${name}`).join(', ')}`,
          }),
        });
      }
    }
  }
  return wanted;
}

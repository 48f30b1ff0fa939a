import { join } from 'node:path';
import { writeWhole } from '../log/folder.ts';
import type { AlertRule, Dashboard, RecordingRule } from '../signal/series.ts';
import type { Play } from './play.ts';

/** Copies what the game is made of into its folder: documents now, so that even a crash leaves them there. */
export function copyDocuments({ folder, setup }: Play): void {
  writeWhole(folder.scenario, setup.scenario.source);
  writeWhole(folder.playbook, setup.playbook.source);
}

/**
 * Copies rules and dashboards. A part that does not answer is logged and left out: the game can be played, and the
 * scorecard says what it could not look at.
 */
export async function copyMonitoring(
  play: Play,
): Promise<{ rules: Rules | undefined; dashboards: Dashboard[] }> {
  const { folder, health, signal, setup } = play;
  const { prometheus, grafana } = setup.monitoring;
  const rules = await health.watch('prometheus', signal, () => prometheus.rules(signal));
  if (rules) writeWhole(folder.rules, JSON.stringify(rules, undefined, 1));
  const dashboards = await health.watch('grafana', signal, async () => {
    const found = (await grafana?.search(signal)) ?? [];
    return await Promise.all(found.map(({ uid }) => grafana!.dashboard(uid, signal)));
  });
  for (const dashboard of dashboards ?? []) {
    writeWhole(
      join(folder.dashboards, `${fileName(dashboard.uid)}.json`),
      JSON.stringify(dashboard, undefined, 1),
    );
  }
  return { rules, dashboards: dashboards ?? [] };
}

export interface Rules {
  alerting: AlertRule[];
  recording: RecordingRule[];
}

/** A uid is Grafana's or somebody's word: never a path. */
function fileName(uid: string): string {
  return uid.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_');
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../clock.ts';
import { loadCredentials } from '../cluster/connection/credentials.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { ConductorClient } from '../game/api/client.ts';
import { responderMonitoring } from '../game/start/responder-monitoring.ts';
import { startRecorder } from '../recorder/recorder.ts';
import { type DashLine, dashboardLines } from '../tui/dash/lines.ts';
import { readDashboard } from '../tui/dash/read.ts';

/** Draws dashboards for the screens through a recorder of its own, so that opening one counts as seen. */
export async function watchedDashboard(
  client: ConductorClient,
  who: string,
): Promise<{ draw(uid: string, width: number): Promise<DashLine[]>; close(): Promise<void> }> {
  const info = await client.game();
  const { grafana } = info;
  if (!grafana)
    throw new MisfortuneError('no-dashboards', 'No Grafana is configured for this cluster.', {
      todo: 'Add it under grafana in misfortune.yaml.',
      exitCode: exitCodes.usage,
    });
  const folder = mkdtempSync(join(tmpdir(), 'dash-'));
  const recorder = await startRecorder({
    credentials: await loadCredentials({ kubeconfig: info.kubeconfig || undefined, context: info.context }),
    monitoring: await responderMonitoring(info),
    sink: client,
    who,
    clock: realClock,
    folder: join(folder, 'recorder'),
  });
  const source = {
    prometheus: recorder.env.PROMETHEUS_URL ?? info.prometheus,
    grafana: recorder.env.GRAFANA_URL ?? grafana,
  };
  return {
    draw: async (uid, width) =>
      dashboardLines(await readDashboard(source, uid, { seconds: 900, now: Date.now() }), width),
    close: async () => {
      await recorder.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { atOnce } from '../../at-once.ts';
import { describeError } from '../../errors.ts';
import { writeWhole } from '../../log/folder.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { RecordedSeries } from '../../signal/recorded-series.ts';
import { readAllRules } from '../../signal/rules/all.ts';
import type { Dashboard } from '../../signal/series.ts';
import type { Play } from '../play.ts';
import { knownRules, type Rules } from './known-rules.ts';

/** Copies what the game is made of into its folder: documents now, so that even a crash leaves them there. */
export function copyDocuments({ folder, setup }: Play): void {
  writeWhole(folder.scenario, setup.scenario.source);
  writeWhole(folder.playbook, setup.playbook.source);
}

/** Dashboards that are fetched at once: a Grafana has hundreds. */
const dashboardsAtOnce = 4;

/**
 * Copies rules and dashboards. A part that does not answer is logged and left out, a dashboard that cannot be read takes
 * no other with it: the game can be played, and the scorecard says what it could not look at.
 */
export async function copyMonitoring(
  play: Play,
  scenario: Scenario,
): Promise<{ rules: Rules | undefined; dashboards: Dashboard[] }> {
  const { folder, health, signal, setup } = play;
  const read = await health.watch('prometheus', signal, () => readAllRules(setup.monitoring, signal));
  if (!read) return { rules: undefined, dashboards: await copyAllDashboards(play) };
  const { silent, ...told } = read;
  for (const { part, why } of silent) health.failed(part, describeError(why));
  const known = knownRules(play, scenario, told);
  const rules: Rules = {
    ...told,
    ...(known.length > 0 && { known }),
    ...(silent.length > 0 && { silent: silent.map(({ part }) => part) }),
  };
  writeWhole(folder.rules, JSON.stringify(rules, undefined, 1));
  return { rules, dashboards: await copyAllDashboards(play) };
}

async function copyAllDashboards(play: Play): Promise<Dashboard[]> {
  const { health, signal, setup } = play;
  const { grafana } = setup.monitoring;
  const found = await health.watch('grafana', signal, async () => (await grafana?.search(signal)) ?? []);
  const uids = (found ?? []).map(({ uid }) => uid);
  const copied = await copyDashboards(play, uids, signal);
  return copied.flatMap((one) => ('model' in one ? [one] : []));
}

/** Tries once more what could not be copied at the beginning; says which dashboards are still missing, and why. */
export async function copyMissing(play: Play): Promise<RecordedSeries['skipped']> {
  const { grafana } = play.setup.monitoring;
  if (!grafana) return [];
  try {
    const missing = (await grafana.search()).filter(({ uid }) => !existsSync(fileOf(play, uid)));
    const copied = await copyDashboards(
      play,
      missing.map(({ uid }) => uid),
    );
    return copied.flatMap((one) => ('why' in one ? [{ what: `dashboard ${one.uid}`, why: one.why }] : []));
  } catch (error) {
    return [{ what: 'dashboards', why: reasonOf(error, grafana.url) }];
  }
}

async function copyDashboards(
  play: Play,
  uids: readonly string[],
  signal?: AbortSignal,
): Promise<(Dashboard | { uid: string; why: string })[]> {
  const { grafana } = play.setup.monitoring;
  return await atOnce(
    uids,
    async (uid) => {
      try {
        const dashboard = await grafana!.dashboard(uid, signal);
        writeWhole(fileOf(play, uid), JSON.stringify(dashboard, undefined, 1));
        return dashboard;
      } catch (error) {
        signal?.throwIfAborted();
        return { uid, why: reasonOf(error, grafana!.url) };
      }
    },
    dashboardsAtOnce,
  );
}

/** Without our address, and without a full stop: it becomes a part of a sentence. */
function reasonOf(error: unknown, url: string): string {
  return describeError(error).replaceAll(url, 'Grafana').replace(/\.+$/, '');
}

/** A uid is Grafana's or somebody's word: never a path. */
function fileOf({ folder }: Play, uid: string): string {
  return join(folder.dashboards, `${uid.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_')}.json`);
}

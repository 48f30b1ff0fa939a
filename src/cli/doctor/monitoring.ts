import { describeError } from '../../errors.ts';
import type { Place } from '../../game/options.ts';
import { type LoadedLibrary, lintLive } from '../library.ts';
import { clockFinding } from './clock.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** Prometheus, Alertmanager and Grafana, and what the documents want of them. */
export async function monitoringFindings(
  { cluster, monitoring }: Pick<Place, 'cluster' | 'monitoring'>,
  loaded: LoadedLibrary,
): Promise<Finding[]> {
  const { prometheus } = monitoring;
  try {
    const [{ version }, { alerting }] = await Promise.all([prometheus.buildInfo(), prometheus.rules()]);
    const unhealthy = alerting.filter(({ health }) => health === 'err');
    const [sample] = await prometheus.query('time()');
    const skew = sample ? clockFinding("Prometheus' clock", sample.value * 1000, Date.now()) : undefined;
    const live = await lintLive(loaded, { cluster, monitoring });
    return [
      ok('Prometheus', `${version}, ${alerting.length} alerting rules`),
      ...unhealthy.map((rule) => warning('rule', `${rule.name} fails: ${rule.lastError ?? 'unknown'}`)),
      ...(skew ? [skew] : []),
      await alertmanagerFinding(monitoring),
      await grafanaFinding(monitoring),
      ...live.map((problem) => warning('reference', describeError(problem))),
    ];
  } catch (error) {
    return [missing('Prometheus', describeError(error))];
  }
}

/** Whoever would be woken should know of it before: the receivers are named. */
async function alertmanagerFinding({ alertmanager }: Place['monitoring']): Promise<Finding> {
  if (!alertmanager)
    return warning(
      'Alertmanager',
      'not configured: routing and notification are not graded, and who would be called is not known',
      'Name it under alertmanager in misfortune.yaml.',
    );
  try {
    const receivers = await alertmanager.receivers();
    return receivers.length > 0
      ? ok('Alertmanager', `receivers that would ring: ${receivers.join(', ')}`)
      : warning('Alertmanager', 'has no receiver: nobody would be notified');
  } catch (error) {
    return missing('Alertmanager', describeError(error));
  }
}

async function grafanaFinding({ grafana }: Place['monitoring']): Promise<Finding> {
  if (!grafana)
    return warning(
      'Grafana',
      'not configured: dashboards are not graded',
      'Name it under grafana in misfortune.yaml.',
    );
  try {
    return ok('Grafana', `${(await grafana.search()).length} dashboards`);
  } catch (error) {
    return missing('Grafana', describeError(error));
  }
}

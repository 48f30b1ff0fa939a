import { emptyBaseline } from '../../../check/baseline.ts';
import { evaluateAll } from '../../../check/evaluate.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { describeError, MisfortuneError } from '../../../errors.ts';
import type { LoadedLibrary } from '../../../game/library/library.ts';
import { lintLive } from '../../../game/library/lint-live.ts';
import type { Place } from '../../../game/start/place.ts';
import type { Scenario } from '../../../scenario/schema.ts';
import { readAllRules } from '../../../signal/rules/all.ts';
import type { AlertRule, Monitoring } from '../../../signal/series.ts';
import { clockFinding } from './clock.ts';
import { type Finding, missing, ok, warning } from './finding.ts';
import { receiverFindings } from './receivers.ts';
import { rulerFindings } from './rulers.ts';

/** Prometheus, Alertmanager and Grafana, each for itself, and what the documents want of them. */
export async function monitoringFindings(
  { cluster, monitoring, sandboxMarker }: Pick<Place, 'cluster' | 'monitoring' | 'sandboxMarker'>,
  loaded: LoadedLibrary,
): Promise<Finding[]> {
  const { prometheus } = monitoring;
  const alertmanager = await alertmanagerFinding(monitoring);
  const grafana = await grafanaFinding(monitoring);
  // Who does not answer is told once, and not asked again for what the documents name.
  const answering = {
    prometheus,
    ...(alertmanager.state === 'ok' && { alertmanager: monitoring.alertmanager }),
    ...(grafana.state === 'ok' && { grafana: monitoring.grafana }),
    ...(monitoring.rulers && { rulers: monitoring.rulers }),
  };
  try {
    const [{ version }, rules] = await Promise.all([prometheus.buildInfo(), readAllRules(monitoring)]);
    const { alerting } = rules;
    const { rulers = [] } = monitoring;
    // Whoever has an Alertmanager of its own tells the other one nothing.
    const routed = alerting.filter(({ ruler }) => {
      return !rulers.some(({ part, alertmanager: its }) => part === ruler && its);
    });
    const own = alerting.filter(({ ruler }) => ruler === undefined);
    const unhealthy = alerting.filter(({ health }) => health === 'err');
    const [sample] = await prometheus.query('time()');
    const skew = sample ? clockFinding("Prometheus' clock", sample.value * 1000, Date.now()) : undefined;
    return [
      ok('Prometheus', `${version}, ${own.length} alerting rules`),
      ...rulerFindings(rulers, rules),
      ...unhealthy.map((rule) => warning('rule', `${rule.name} fails: ${rule.lastError ?? 'unknown'}`)),
      ...(skew ? [skew] : []),
      alertmanager,
      grafana,
      ...(await seriesFindings(loaded, cluster, answering)),
      ...(await referenceFindings(loaded, {
        cluster,
        sandbox: sandboxMarker !== undefined,
        monitoring: answering,
      })),
      ...(await routeFindings(loaded, routed, answering, sandboxMarker !== undefined)),
    ];
  } catch (error) {
    return [unreachable('Prometheus', 'prometheus', error), alertmanager, grafana];
  }
}

/** Whether the series by which a stack counts as healthy have values: nothing can be judged without. */
async function seriesFindings(
  { playable }: LoadedLibrary,
  cluster: Cluster,
  { prometheus }: Monitoring,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { scenario } of playable) {
    const checks = scenario.steadyState.filter(({ promql }) => promql);
    const results = await evaluateAll(checks, { cluster, prometheus, baseline: emptyBaseline });
    const { name } = scenario;
    const gaps = results.filter(({ gap }) => gap).map(({ id, seen }) => `${id}: ${seen}`);
    const ill = results.filter(({ gap, holds }) => !gap && !holds).map(({ id, seen }) => `${id}: ${seen}`);
    if (gaps.length > 0)
      findings.push(missing('series', `${name} asks for ${gaps.join('; ')}`, seriesTodo(scenario)));
    if (ill.length > 0)
      findings.push(warning('series', `${name}, not as it should be now: ${ill.join('; ')}`));
    if (gaps.length + ill.length === 0 && checks.length > 0)
      findings.push(ok('series', `${name}: its steady state holds`));
  }
  return findings;
}

const shopRules =
  '`misfortune stack rules` prints the rules and `misfortune stack scrape-config` the scrape job that Prometheus needs for the shop.';

function seriesTodo({ stack }: Scenario): string {
  return isShop({ stack })
    ? `${shopRules} With both it takes a minute until there are values.`
    : 'Does Prometheus scrape the pods, and has it the recording rules?';
}

const isShop = ({ stack }: Pick<Scenario, 'stack'>): boolean => stack.name === 'shop';

/** Alerts, receivers, panels and objects that documents name and nobody has. */
async function referenceFindings(
  loaded: LoadedLibrary,
  place: { cluster: Cluster; sandbox: boolean; monitoring: Monitoring },
): Promise<Finding[]> {
  const problems = await lintLive(loaded, place);
  const found = problems.map((problem) => warning('reference', describeError(problem)));
  const lacksAlerts = problems.some(({ code }) => code === 'unknown-alert');
  const ofShop = loaded.playable.some(({ scenario }) => isShop(scenario));
  return lacksAlerts && ofShop
    ? [...found, warning('rules', 'alerts of the shop are missing', shopRules)]
    : found;
}

/** Who would be woken, so that they know of it before. A sandbox's receivers have no address, and wake nobody. */
async function routeFindings(
  { playable }: LoadedLibrary,
  rules: readonly AlertRule[],
  { alertmanager }: Monitoring,
  isSandbox: boolean,
): Promise<Finding[]> {
  if (!alertmanager) return [];
  const expected = playable.flatMap(({ scenario }) =>
    scenario.alerts.expected.map((alert) => ({ ...alert, scenario: scenario.name })),
  );
  try {
    return receiverFindings(expected, rules, await alertmanager.routes(), { isSandbox });
  } catch (error) {
    return [
      warning(
        'receiver',
        `it is not known which receiver is notified of which alert: ${describeError(error)}`,
      ),
    ];
  }
}

async function alertmanagerFinding({ alertmanager }: Monitoring): Promise<Finding> {
  if (!alertmanager)
    return warning(
      'Alertmanager',
      'not configured: routing and notifications are not graded',
      'Add it under alertmanager in misfortune.yaml.',
    );
  try {
    const receivers = await alertmanager.receivers();
    return receivers.length > 0
      ? ok('Alertmanager', `receivers: ${receivers.join(', ')}`)
      : warning('Alertmanager', 'has no receiver: nobody is notified');
  } catch (error) {
    return unreachable('Alertmanager', 'alertmanager', error);
  }
}

async function grafanaFinding({ grafana }: Monitoring): Promise<Finding> {
  if (!grafana)
    return warning(
      'Grafana',
      'not configured: dashboards are not graded',
      'Add it under grafana in misfortune.yaml.',
    );
  try {
    return ok('Grafana', `${(await grafana.search()).length} dashboards`);
  } catch (error) {
    return unreachable('Grafana', 'grafana', error);
  }
}

function unreachable(what: string, key: string, error: unknown): Finding {
  if (!(error instanceof MisfortuneError)) return missing(what, describeError(error));
  return missing(
    what,
    error.message,
    `Start it, or correct ${key} in misfortune.yaml. ${error.todo ?? ''}`.trim(),
  );
}

import { atOnce } from '../../at-once.ts';
import { seededRandom } from '../../clock.ts';
import type { Cluster, Ref } from '../../cluster/cluster.ts';
import { describeError, type MisfortuneError } from '../../errors.ts';
import { faultType, makes } from '../../fault/types/registry.ts';
import { lintPlaybook } from '../../playbook/lint.ts';
import { lintPlaybookObjects, type ObjectSource } from '../../playbook/lint-objects.ts';
import { type LintContext, lintScenario } from '../../scenario/lint.ts';
import { lintAsked } from '../../scenario/lint-asked.ts';
import { lintFaults } from '../../scenario/lint-faults.ts';
import { lintManifests } from '../../scenario/lint-manifests.ts';
import { lintObjects } from '../../scenario/lint-objects.ts';
import { lintRights } from '../../scenario/lint-rights.ts';
import type { ParsedScenario } from '../../scenario/parse.ts';
import { panelsOf } from '../../signal/dashboard/panels.ts';
import { askedOf } from '../../signal/matchers.ts';
import { readAllRules } from '../../signal/rules/all.ts';
import type { Alertmanager, AlertRule, Grafana, Monitoring, Prometheus, Rules } from '../../signal/series.ts';
import type { LoadedLibrary } from './library.ts';

/** What only a live cluster can tell: alerts, receivers, panels and objects that documents name and nobody has. */
export async function lintLive(
  { library, problems }: LoadedLibrary,
  place: { cluster?: Cluster; responder?: Cluster; monitoring: Monitoring; sandbox?: boolean },
  signal?: AbortSignal,
): Promise<MisfortuneError[]> {
  const { prometheus, alertmanager, grafana } = place.monitoring;
  const { alerting, recording, silent } = await readAllRules(place.monitoring, signal);
  const receivers = alertmanager && (await receiversOfAll(alertmanager, place.monitoring, alerting, signal));
  const dashboards = grafana && (await panelsOfAll(grafana, signal));
  const context: LintContext = {
    // A ruler that does not answer may have any.
    ...(silent.length === 0 && { alerts: alerting.map(({ name }) => name) }),
    metrics: await metricsOf(prometheus, { alerting, recording }, signal),
    ...(receivers ? { receivers } : {}),
    ...(dashboards ? { dashboards } : {}),
  };
  const { cluster, sandbox } = place;
  const { alerts } = context;
  const source = askedOnce(prometheus);
  const namespaces = cluster ? await namespacesOf(cluster, signal) : [];
  const told = new Set(problems.map(describeError));
  const objects =
    cluster &&
    (await Promise.all(library.playbooks.map((one) => lintPlaybookObjects(one, objectsOf(cluster, signal)))));
  const all = [
    ...(objects ?? []).flat(),
    ...library.scenarios.flatMap((parsed) => lintScenario(parsed, context)),
    ...library.playbooks.flatMap((parsed) => lintPlaybook(parsed, context)),
    ...(await atOnce(library.scenarios, asked, scenariosAtOnce)).flat(),
  ];
  // What needs no cluster was told when the documents were read.
  return all.filter((problem) => !told.has(describeError(problem)));

  async function asked(parsed: ParsedScenario): Promise<MisfortuneError[]> {
    const found = await Promise.all([
      lintAsked(parsed, source, { alerts, signal }),
      ...(cluster
        ? [
            lintObjects(parsed, cluster, { isMade: madeBy(parsed), signal }),
            lintManifests(parsed, cluster, signal),
            lintFaults(
              parsed,
              { compile: compiling(parsed, cluster, namespaces, sandbox), namespaces },
              signal,
            ),
          ]
        : []),
      ...(cluster && place.responder ? [lintRights(parsed, place.responder, signal)] : []),
    ]);
    return found.flat();
  }
}

/** The objects of a cluster, as playbooks name them; of a kind that it does not know nothing is said. */
function objectsOf(cluster: Cluster, signal?: AbortSignal): ObjectSource {
  return {
    name: 'The cluster',
    names: async (ref) => {
      try {
        const found = await cluster.list(ref, { namespace: ref.namespace }, signal);
        return found.map(({ metadata }) => metadata.name);
      } catch {
        signal?.throwIfAborted();
        return undefined;
      }
    },
  };
}

/** Dashboards that are fetched at once. */
const dashboardsAtOnce = 4;
/** Scenarios that a cluster and its Prometheus are asked about at once. */
const scenariosAtOnce = 4;

/**
 * Names of the series that there are, and those that a rule records or asks for: right after a start they may not have been
 * scraped or recorded yet, and some never come while all is well.
 */
async function metricsOf(
  prometheus: Prometheus,
  { alerting, recording }: Rules,
  signal?: AbortSignal,
): Promise<string[]> {
  const scraped = await prometheus.labelValues('__name__', [], signal);
  const recorded = recording.map(({ name }) => name);
  const asked = [...alerting, ...recording].flatMap(({ query }) =>
    askedOf(query).map(({ metric }) => metric),
  );
  return [...new Set([...scraped, ...recorded, ...asked])];
}

/** Of a dashboard that cannot be read nobody knows the panels: what a scenario says of it is not checked. */
async function panelsOfAll(
  grafana: Grafana,
  signal: AbortSignal | undefined,
): Promise<NonNullable<LintContext['dashboards']>> {
  const found = await grafana.search(signal);
  return await atOnce(
    found,
    async ({ uid }) => {
      try {
        return { uid, panels: panelsOf(await grafana.dashboard(uid, signal)) };
      } catch {
        signal?.throwIfAborted();
        return { uid };
      }
    },
    dashboardsAtOnce,
  );
}

/** What the faults and decoys of a scenario make. */
function madeBy({ scenario }: ParsedScenario): (ref: Ref) => boolean {
  const steps = [...(scenario?.faults ?? []), ...(scenario?.decoys ?? [])];
  return (ref) => steps.some((step) => makes(step, ref));
}

/** [] where they may not be listed. */
async function namespacesOf(cluster: Cluster, signal?: AbortSignal): Promise<string[]> {
  try {
    return (await cluster.list({ kind: 'namespace' }, {}, signal)).map(({ metadata }) => metadata.name);
  } catch {
    signal?.throwIfAborted();
    return [];
  }
}

/** Compiles the steps of a scenario as its plan will: it reads the cluster, and asks it for dry runs of patches. */
export function compiling(
  { scenario }: ParsedScenario,
  cluster: Cluster,
  namespaces: readonly string[],
  sandbox = false,
) {
  return ({ id, type, spec }: { id: string; type: string; spec: unknown }) =>
    faultType(type).compile(spec, {
      fault: id,
      cluster,
      dryRunPatch: (ref, patchType, body) => cluster.patch(ref, patchType, body, { dryRun: true }),
      namespaces,
      sandbox,
      secondsToPlay: (scenario?.timeout ?? 0) / 1000,
      random: seededRandom(1),
      image: 'node',
      programText: () => '',
    });
}

/** Many scenarios ask the same of Prometheus: it is asked once. */
function askedOnce(prometheus: Prometheus): Parameters<typeof lintAsked>[1] {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    if (!answers.has(key)) answers.set(key, ask());
    return answers.get(key) as Promise<T>;
  };
  return {
    query: (query, options) => once(`query ${query}`, () => prometheus.query(query, options)),
    labelNames: (match, signal) => once(`names ${match}`, () => prometheus.labelNames(match, signal)),
    labelValues: (label, match, signal) =>
      once(`values ${label} ${match}`, () => prometheus.labelValues(label, match, signal)),
  };
}

/**
 * Alertmanager's receivers, and those of evaluators that tell others. Undefined: not all of them could be read, so that
 * none can be said to be missing. Throws if Alertmanager does not answer.
 */
async function receiversOfAll(
  alertmanager: Alertmanager,
  { rulers = [] }: Monitoring,
  rules: readonly AlertRule[],
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  const own = await alertmanager.receivers(signal);
  const asked = rulers.filter(({ part }) => rules.some(({ ruler }) => ruler === part));
  try {
    const others = await Promise.all(asked.map((one) => one.alertmanager?.receivers(signal) ?? []));
    return [...new Set([...own, ...others.flat()])];
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

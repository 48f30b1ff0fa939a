import { join } from 'node:path';
import type { Cluster, Ref } from '../cluster/cluster.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { describeError, type MisfortuneError } from '../errors.ts';
import { claimedRefs, clashOf, faultSchemas, makes, mechanisms, notRepeatable } from '../fault/registry.ts';
import { packageRoot } from '../paths.ts';
import { lintPlaybook } from '../playbook/lint.ts';
import { type Library, readLibrary } from '../scenario/library.ts';
import { type LintContext, lintScenario } from '../scenario/lint.ts';
import { lintManifests } from '../scenario/lint-manifests.ts';
import { lintObjects } from '../scenario/lint-objects.ts';
import { lintRights } from '../scenario/lint-rights.ts';
import type { ParsedScenario } from '../scenario/parse.ts';
import type { Scenario } from '../scenario/schema.ts';
import { mapAtOnce } from '../signal/at-once.ts';
import { panelsOf } from '../signal/dashboard/panels.ts';
import { readAllRules } from '../signal/rules/all.ts';
import type { Alertmanager, AlertRule, Grafana, Monitoring } from '../signal/series.ts';
import { makeProgram } from './program.ts';

export interface LoadedLibrary {
  config: LoadedConfig;
  library: Library;
  /** Scenarios without problems, by name. */
  playable: { scenario: Scenario; file: string }[];
  /** Everything that is wrong with config, scenarios and playbooks, at its place. */
  problems: MisfortuneError[];
}

/**
 * Reads misfortune.yaml and all scenarios and playbooks; what is broken is told and hides nothing else. Of a cluster of
 * misfortune.yaml only what can be meant for it is kept: scenarios whose stack is in its namespaces, and their playbooks.
 */
export async function loadLibrary(
  options: { config?: string; cluster?: string } = {},
): Promise<LoadedLibrary> {
  const config = await loadConfig({ file: options.config });
  const read = await readLibrary(config.config, { faultSchemas });
  const all = { ...read, problems: [...config.problems, ...read.problems] };
  const namespaces = config.config.clusters[options.cluster ?? '']?.namespaces;
  const library = namespaces ? meantFor(namespaces, all) : all;
  const context = {
    playbooks: library.playbooks.flatMap(({ playbook }) => playbook ?? []),
    mechanisms,
    clash: clashOf,
    claimed: claimedRefs,
    notRepeatable,
    commands: ownCommands(),
  };
  const checked = library.scenarios.map((parsed) => ({
    parsed,
    problems: [...parsed.problems, ...lintScenario(parsed, context)],
  }));
  return {
    config,
    library,
    playable: checked.flatMap(({ parsed, problems }) =>
      problems.length === 0 && parsed.scenario
        ? [{ scenario: parsed.scenario, file: parsed.document.file }]
        : [],
    ),
    problems: [
      ...library.problems,
      ...checked.flatMap(({ problems }) => problems),
      ...library.playbooks.flatMap((parsed) => [
        ...parsed.problems,
        ...lintPlaybook(parsed, { commands: context.commands }),
      ]),
    ],
  };
}

function meantFor(namespaces: readonly string[], library: Library): Library {
  const scenarios = library.scenarios.filter(({ scenario }) => {
    if (!scenario) return true;
    const { stack } = scenario;
    // A stack that is only named is in the namespace of that name, and others.
    const needed = stack.namespaces.length > 0 ? stack.namespaces : [stack.name];
    return needed.every((name) => namespaces.includes(name));
  });
  const left = library.scenarios.filter((parsed) => !scenarios.includes(parsed));
  const used = new Set(scenarios.map(({ scenario }) => scenario?.playbook.name));
  const foreign = new Set(
    left.map(({ scenario }) => scenario?.playbook.name).filter((name) => !used.has(name)),
  );
  const shipped = join(packageRoot, 'playbooks');
  const playbooks = library.playbooks.filter(({ document, playbook }) => {
    if (used.has(playbook?.name)) return true;
    return !foreign.has(playbook?.name) && (left.length === 0 || !document.file.startsWith(shipped));
  });
  return { ...library, scenarios, playbooks };
}

/** Dashboards that are fetched at once. */
const dashboardsAtOnce = 4;

/** Of a dashboard that cannot be read nobody knows the panels: what a scenario says of it is not checked. */
async function panelsOfAll(
  grafana: Grafana,
  signal: AbortSignal | undefined,
): Promise<NonNullable<LintContext['dashboards']>> {
  const found = await grafana.search(signal);
  return await mapAtOnce(found, dashboardsAtOnce, async ({ uid }) => {
    try {
      return { uid, panels: panelsOf(await grafana.dashboard(uid, signal)) };
    } catch {
      signal?.throwIfAborted();
      return { uid };
    }
  });
}

/** The commands that a `run:` line can have after `misfortune`. */
function ownCommands(): string[] {
  return makeProgram().commands.map((command) => command.name());
}

/** What the faults and decoys of a scenario make. */
function madeBy({ scenario }: ParsedScenario): (ref: Ref) => boolean {
  const steps = [...(scenario?.faults ?? []), ...(scenario?.decoys ?? [])];
  return (ref) => steps.some((step) => makes(step, ref));
}

/** What only a live cluster can tell: alerts, receivers, panels and objects that documents name and nobody has. */
export async function lintLive(
  { library, problems }: LoadedLibrary,
  place: { cluster?: Cluster; responder?: Cluster; monitoring: Monitoring },
  signal?: AbortSignal,
): Promise<MisfortuneError[]> {
  const { prometheus, alertmanager, grafana } = place.monitoring;
  const { alerting, silent } = await readAllRules(place.monitoring, signal);
  const receivers = alertmanager && (await receiversOfAll(alertmanager, place.monitoring, alerting, signal));
  const dashboards = grafana && (await panelsOfAll(grafana, signal));
  const context: LintContext = {
    // A ruler that does not answer may have any.
    ...(silent.length === 0 && { alerts: alerting.map(({ name }) => name) }),
    metrics: await prometheus.labelValues('__name__', [], signal),
    ...(receivers ? { receivers } : {}),
    ...(dashboards ? { dashboards } : {}),
  };
  const { cluster } = place;
  const told = new Set(problems.map(describeError));
  const all = [
    ...library.scenarios.flatMap((parsed) => lintScenario(parsed, context)),
    ...library.playbooks.flatMap((parsed) => lintPlaybook(parsed, context)),
    ...(cluster
      ? (
          await Promise.all(
            library.scenarios.flatMap((parsed) => [
              lintObjects(parsed, cluster, { isMade: madeBy(parsed), signal }),
              lintManifests(parsed, cluster, signal),
              ...(place.responder ? [lintRights(parsed, place.responder, signal)] : []),
            ]),
          )
        ).flat()
      : []),
  ];
  // What needs no cluster was told when the documents were read.
  return all.filter((problem) => !told.has(describeError(problem)));
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

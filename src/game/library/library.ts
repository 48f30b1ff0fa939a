import { join } from 'node:path';
import { commandNames } from '../../command-names.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { claimedRefs, clashOf, faultSchemas, mechanisms, notRepeatable } from '../../fault/types/registry.ts';
import { packageRoot } from '../../paths.ts';
import { bindPlaybook } from '../../playbook/bind.ts';
import { lintPlaybook } from '../../playbook/lint.ts';
import type { Playbook } from '../../playbook/schema.ts';
import { type FoundPostgres, findPostgres, whyNoShopDatabase } from '../../postgres.ts';
import { findPlaybook, findScenario, type Library, readLibrary } from '../../scenario/library.ts';
import { lintScenario } from '../../scenario/lint.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { GameSources } from '../start/documents.ts';

export interface LoadedLibrary {
  config: LoadedConfig;
  library: Library;
  /** Scenarios without problems, by name. */
  playable: { scenario: Scenario; file: string }[];
  /** Scenarios that need what this machine has not: not on the wheel, and no problem. */
  leftOut: { name: string; title: string; why: MisfortuneError }[];
  /** Everything that is wrong with config, scenarios and playbooks, at its place. */
  problems: MisfortuneError[];
}

/**
 * Reads misfortune.yaml and all scenarios and playbooks; what is broken is told and hides nothing else. Of a cluster of
 * misfortune.yaml only what can be meant for it is kept: scenarios whose stack is in its namespaces, and their playbooks.
 */
export async function loadLibrary(
  options: { config?: string; cluster?: string; postgres?: () => FoundPostgres } = {},
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
    commands: commandNames,
  };
  const checked = library.scenarios.map((parsed) => ({
    parsed,
    problems: [...parsed.problems, ...lintScenario(parsed, context)],
  }));
  const sound = checked.flatMap(({ parsed, problems }) =>
    problems.length === 0 && parsed.scenario
      ? [{ scenario: parsed.scenario, file: parsed.document.file }]
      : [],
  );
  // A cluster of misfortune.yaml has what its preflight finds.
  const lacks = namespaces
    ? () => undefined
    : (scenario: Scenario) => lackOf(scenario, options.postgres ?? findPostgres);
  return {
    config,
    library,
    playable: sound.filter(({ scenario }) => lacks(scenario) === undefined),
    leftOut: sound.flatMap(({ scenario }) => {
      const why = lacks(scenario);
      return why ? [{ name: scenario.name, title: scenario.title, why }] : [];
    }),
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

/** What a scenario needs in the sandbox and this machine has not. */
function lackOf({ name, needs }: Scenario, find: () => FoundPostgres): MisfortuneError | undefined {
  const why = needs.includes('database') ? whyNoShopDatabase(find()) : undefined;
  if (!why) return undefined;
  return new MisfortuneError(
    'part-missing',
    `The scenario "${name}" needs a PostgreSQL on this machine: ${why}.`,
    {
      todo: 'Install PostgreSQL 16 or newer (`npm ci` in a clone brings one along), or play another scenario.',
      exitCode: exitCodes.refused,
    },
  );
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

/** A game that can be played. */
export interface FoundGame {
  sources: GameSources;
  /** Its roles bound as the scenario says. */
  playbook: Playbook;
}

/** A scenario of this name, and its playbook. @throws the first thing that is wrong with them, with its place */
export function findGame({ library, leftOut, problems }: LoadedLibrary, name: string): FoundGame {
  const { document, scenario } = findScenario(library, name);
  const lacking = leftOut.find((one) => one.name === name);
  if (lacking) throw lacking.why;
  const broken = problems.find(({ place }) => place?.file === document.file);
  if (broken || !scenario) throw broken ?? unreadable(document.file);
  const { document: answer, playbook } = findPlaybook(library, scenario.playbook.name);
  if (!playbook) throw unreadable(answer.file);
  return {
    sources: { scenario: document, playbook: answer },
    playbook: bindPlaybook(playbook, scenario.playbook.with),
  };
}

function unreadable(file: string): MisfortuneError {
  return new MisfortuneError('unreadable-document', `${file} cannot be read.`, { exitCode: exitCodes.usage });
}

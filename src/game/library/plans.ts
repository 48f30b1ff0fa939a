import type { Guard } from '../../fault/plan/guard-rails.ts';
import type { Plan } from '../../fault/plan/plan.ts';
import { stateHome } from '../../paths.ts';
import { guardOf, planScenario } from '../phases/inject.ts';
import { readScenario } from '../start/documents.ts';
import { setUpGame } from '../start/options.ts';
import { type PlaceOptions, placeOf } from '../start/place.ts';
import type { GameSetup } from '../start/setup.ts';
import { findGame, type LoadedLibrary } from './library.ts';

export interface SetUp {
  name: string;
  setup: GameSetup;
  /** Compiles its faults against the cluster; writes nothing. */
  plan(): Promise<{ plan: Plan; guard: Guard }>;
}

/** Scenarios (all that can be played, if none is named) as a game would begin them, one after the other. */
export async function* setUpEach(
  names: readonly string[],
  options: PlaceOptions & { open?: boolean },
  loaded: LoadedLibrary,
): AsyncGenerator<SetUp> {
  const cluster = placeOf(options, loaded.config);
  const { open = false } = options;
  for (const name of names.length > 0 ? names : loaded.playable.map(({ scenario }) => scenario.name)) {
    const { sources } = findGame(loaded, name);
    const files = { scenarioFile: sources.scenario.file, playbookFile: sources.playbook.file };
    const setup = await setUpGame({ stateHome: stateHome(), ...files, cluster, seed: 0, open }, { sources });
    try {
      yield {
        name,
        setup,
        async plan() {
          const scenario = readScenario(setup.scenario, setup.params);
          return { plan: await planScenario(scenario, setup), guard: guardOf(scenario, setup) };
        },
      };
    } finally {
      setup.cluster.close();
    }
  }
}

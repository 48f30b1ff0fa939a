import { realClock } from '../clock.ts';
import type { Guard } from '../fault/guard-rails.ts';
import type { Plan } from '../fault/plan.ts';
import { readScenario } from '../game/documents.ts';
import { guardOf, planScenario } from '../game/inject.ts';
import { setUpGame } from '../game/options.ts';
import type { GameSetup } from '../game/setup.ts';
import { GameMaster } from './game-master.ts';
import type { LoadedLibrary } from './library.ts';
import type { PlaceOptions } from './place.ts';

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
  const master = new GameMaster({
    place: options,
    player: 'responder',
    tags: [],
    seed: 0,
    speed: 1,
    keep: true,
    open: options.open ?? false,
  });
  master.adopt(loaded);
  for (const name of names.length > 0 ? names : loaded.playable.map(({ scenario }) => scenario.name)) {
    const setup = await setUpGame(master.gameOptions(name), realClock);
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

import { join } from 'node:path';
import { type Clock, realClock } from '../../clock.ts';
import { describeError } from '../../errors.ts';
import { compare, takeBaseline } from '../../fault/compare/compare.ts';
import { validateHome } from '../../log/folder.ts';
import { scriptedPlayers } from '../../log/players.ts';
import { announceSeries, timeToRestore } from '../announce/announce.ts';
import { type GameSources, readPlaybook, readScenario } from '../start/documents.ts';
import { type GameOptions, setUpGame } from '../start/options.ts';
import type { GameSetup } from '../start/setup.ts';
import { type Case, casesOf } from './cases.ts';
import { type HealthyWatch, watchOnce } from './quiet.ts';
import type { CaseResult, ValidationReport } from './result.ts';
import { type RanCase, runCase } from './run-case.ts';
import { takeTurn } from './turn.ts';

/** What is to be proven of one scenario. */
export interface ScenarioCases {
  sources: GameSources;
  scenario: string;
  cases: Case[];
}

export interface ValidateOptions {
  stateHome: string;
  todo: readonly ScenarioCases[];
  cluster: GameOptions['cluster'];
  params?: Record<string, unknown>;
  seed?: number;
  /** Whether the cluster's channel is told, if it has one: once a scenario, not once a game. Default: it is. */
  announce?: boolean;
  /** Calls it off: the case that is being played ends and is restored, and the report has what was proven by then. */
  signal: AbortSignal;
  onStart?(one: Case, scenario: string): void;
  /** What the case is at: `steady-state`, then the phases of its game. */
  onPhase?(phase: string, scenario: string): void;
  onResult?(result: CaseResult): void;
  /** Every game is graded and keeps what a backtest takes; default: those that failed. */
  record?: boolean;
  /** Shared by validations side by side; default: one of its own. */
  healthy?: HealthyWatch;
  clock?: Clock;
}

/** All cases of scenarios. Nothing is asked of a cluster. */
export function readCases(
  all: readonly GameSources[],
  params: Record<string, unknown> = {},
): ScenarioCases[] {
  return all.map((sources) => {
    const scenario = readScenario(sources.scenario, params);
    const playbook = readPlaybook(sources.playbook, scenario);
    return { sources, scenario: scenario.name, cases: casesOf(scenario, playbook) };
  });
}

/**
 * Proves scenarios without a person, one case after the other, each in a game of its own. Stops after a game that could
 * not put the cluster back. @throws MisfortuneError for documents and clusters that cannot be used
 */
export async function validate(options: ValidateOptions): Promise<ValidationReport> {
  const { signal, clock = realClock, healthy = watchOnce() } = options;
  const begun = clock.mono();
  const results: CaseResult[] = [];
  let speed = 1;
  let unrestored: string | undefined;
  let untold: string | undefined;
  let endTurn: (() => void) | undefined;
  for (const todo of options.todo) {
    if (signal.aborted || unrestored !== undefined) break;
    const { stateHome, cluster, params, seed = 1, announce = true } = options;
    const game = { stateHome, cluster, params, seed, announce, player: scriptedPlayers.proving };
    const setup = await setUpGame(scriptedGame(todo.sources, game), { sources: todo.sources, clock });
    speed = setup.speed;
    try {
      const { server } = setup.cluster;
      endTurn ??= takeTurn(options.stateHome, { server, sandbox: setup.sandboxMarker !== undefined });
      const over = await announceProof(todo, setup, signal);
      // One message is enough for all games.
      unrestored = await proveScenario(
        todo,
        { ...setup, announce: undefined, ...(options.record && { isWorthGrading: () => true }) },
        { ...options, healthy },
        (result) => {
          results.push(result);
          options.onResult?.(result);
        },
      );
      untold ??= await over(unrestored);
    } catch (error) {
      endTurn?.();
      throw error;
    } finally {
      setup.cluster.close();
    }
  }
  endTurn?.();
  const passed = !signal.aborted && !unrestored && results.every(({ outcome }) => outcome !== 'failed');
  const why = signal.aborted ? 'interrupted' : `not played, since game ${unrestored} could not be put back`;
  results.push(...notReached(options.todo, results, why));
  const seconds = Math.round((clock.mono() - begun) / 1000);
  return {
    ...{ passed, speed, seconds, results, interrupted: signal.aborted },
    ...(unrestored && { unrestored }),
    ...(untold && { untold }),
  };
}

/** Tells the cluster's channel, if it has one, and gives what tells it of the end; that gives why it could not. */
async function announceProof(
  { cases }: ScenarioCases,
  { announce, namespaces, clock, scenario, params }: GameSetup,
  signal: AbortSignal,
): Promise<(unrestored: string | undefined) => Promise<string | undefined>> {
  if (!announce) return async () => undefined;
  const { timeout } = readScenario(scenario, params);
  const played = cases.filter((one) => !('skip' in one)).length;
  const until = clock.now() + played * (timeout + timeToRestore);
  const over = await announceSeries(announce, { namespaces, until }, signal);
  return (unrestored) =>
    over({ differences: unrestored === undefined ? [] : [unrestored], conflicts: [] }).then(
      () => undefined,
      (error: unknown) => describeError(error),
    );
}

/** Gives the game that could not be undone, if one could not. */
async function proveScenario(
  { cases, scenario }: ScenarioCases,
  setup: GameSetup,
  { signal, healthy, onStart, onPhase = () => {} }: ValidateOptions & { healthy: HealthyWatch },
  tell: (result: CaseResult) => void,
): Promise<string | undefined> {
  const { cluster, namespaces, clock } = setup;
  const snapshot = () => takeBaseline(cluster, namespaces, { clock });
  const before = await snapshot();
  let blocked: string | undefined;
  let first = true;
  for (const one of cases) {
    onStart?.(one, scenario);
    if (blocked !== undefined && !('skip' in one)) {
      tell(skippedCase(scenario, one, blocked));
      continue;
    }
    const { result, notStarted, unrestored }: RanCase = await runCase(one, {
      setup,
      healthy,
      signal,
      onPhase: (phase) => onPhase(phase, scenario),
    });
    if (signal.aborted) return unrestored;
    const changed = result.outcome === 'skipped' ? [] : compare(before, await snapshot());
    if (changed.length > 0) {
      result.outcome = 'failed';
      result.problems.push(...changed.map((line) => `not as before: ${line}`));
    }
    tell(result);
    if (unrestored !== undefined) return unrestored;
    // What does not begin the first time will not begin for the others: no need to wait for each of them.
    if (first && notStarted) blocked = `not played, since ${one.kind} could not be: ${result.problems[0]}`;
    if (result.outcome !== 'skipped' && one.kind !== 'quiet') first = false;
  }
  return undefined;
}

/** A case that is not played, and why. */
export function skippedCase(scenario: string, { kind, name }: Case, why: string): CaseResult {
  return { scenario, kind, name, outcome: 'skipped', problems: [why], evidence: [], seconds: 0 };
}

/** The cases that have no result, in their order. */
export function notReached(
  todo: readonly ScenarioCases[],
  results: readonly CaseResult[],
  why: string,
): CaseResult[] {
  return todo.flatMap(({ scenario, cases }) =>
    cases
      .filter(
        ({ kind, name }) =>
          !results.some((one) => one.scenario === scenario && one.kind === kind && one.name === name),
      )
      .map((one): CaseResult => ({ ...skippedCase(scenario, one, why), outcome: 'not-run' })),
  );
}

/** A game that a script plays: it begins by itself, and what it did is undone. */
export function scriptedGame(
  { scenario, playbook }: GameSources,
  {
    stateHome,
    cluster,
    ...more
  }: Pick<GameOptions, 'stateHome' | 'cluster' | 'params' | 'player' | 'seed' | 'announce'>,
): GameOptions {
  return {
    stateHome: validateHome(stateHome),
    scenarioFile: scenario.file,
    playbookFile: playbook.file,
    cluster: 'name' in cluster ? cluster : { sandbox: cluster.sandbox ?? join(stateHome, 'sandbox') },
    ...more,
    undoResponders: true,
    autoStart: true,
    // In the sandbox nobody else is disturbed, and validate plays dozens of games.
    unguarded: !('name' in cluster),
  };
}

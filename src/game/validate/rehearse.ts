import { type Clock, realClock } from '../../clock.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { compare, takeBaseline } from '../../fault/compare/compare.ts';
import type { CheckResult } from '../../log/events.ts';
import { scriptedPlayers } from '../../log/players.ts';
import type { GameState } from '../../log/state.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { type GameSources, readScenario } from '../start/documents.ts';
import { type GameOptions, setUpGame } from '../start/options.ts';
import type { GameSetup } from '../start/setup.ts';
import { firedAlerts, unexpectedAlerts } from './alerts.ts';
import { CaseFailure, type FiredAlert } from './result.ts';
import { playRound, type Round } from './round.ts';
import { untilSteady } from './steady-state.ts';
import { scriptedGame } from './validate.ts';

export interface RehearseOptions {
  stateHome: string;
  sources: GameSources;
  cluster: GameOptions['cluster'];
  params?: Record<string, unknown>;
  /** How long it is watched once the fault has its effect, ms at speed 1; without it until the expected alerts have fired. */
  watchFor?: number;
  signal: AbortSignal;
  /** Hears what happens, once each: `at` in ms at speed 1 since the injection, where there was one. */
  onLine(line: { at?: number; text: string }): void;
  clock?: Clock;
}

export interface Rehearsal {
  scenario: string;
  speed: number;
  /** What each fault came to. */
  effects: { fault: string; seen: boolean; text: string; afterMs: number }[];
  alerts: FiredAlert[];
  /** The oracle while the fault was in. */
  oracle: Pick<CheckResult, 'id' | 'holds' | 'gap' | 'seen'>[];
  /** What is not as it should be, a sentence each. */
  problems: string[];
  /** What the cluster has that it did not have before. */
  differences: string[];
  folder?: string;
}

/** Where neither the scenario nor the author says how long, ms at speed 1. */
const usualWatch = 5 * 60_000;

/**
 * Injects a scenario and watches what it does, with nobody who responds, then restores. What the author wants to know in a minute: has
 * it an effect, which alerts notice, is the oracle red.
 */
export async function rehearse(options: RehearseOptions): Promise<Rehearsal> {
  const { stateHome, sources, cluster, params = {}, signal, onLine, clock = realClock } = options;
  const game = { stateHome, cluster, params, seed: 1, announce: false, player: scriptedPlayers.authoring };
  const setup = await setUpGame(scriptedGame(sources, game), { sources, clock });
  const scenario = readScenario(setup.scenario, setup.params);
  try {
    onLine({ text: 'waits for the steady state' });
    await steady(scenario, setup, signal);
    const snapshot = () => takeBaseline(setup.cluster, setup.namespaces, { clock });
    const before = await snapshot();
    const watched = { oracle: undefined as GameState['oracle'] };
    const played = await playRound(
      { ...setup, autoStart: true, waitsForAlerts: false },
      { signal, onPhase: (phase) => onLine({ text: phase }) },
      async (round) => {
        await watch(round, scenario, options);
        watched.oracle = round.state().oracle;
      },
    );
    const differences = compare(before, await snapshot());
    const alerts = firedAlerts(played.state, scenario);
    const checks = watched.oracle?.checks ?? [];
    return {
      scenario: scenario.name,
      speed: setup.speed,
      effects: played.state.effects.map(({ fault, seen, check, afterMs }) => ({
        fault,
        seen,
        text: check.seen,
        afterMs: afterMs * setup.speed,
      })),
      alerts,
      oracle: checks.map(({ id, holds, gap, seen }) => ({ id, holds, gap, seen })),
      problems: [
        ...played.problems,
        // What was not played shows nothing else.
        ...(played.state.injectedAt === undefined || signal.aborted ? [] : doubts(scenario, alerts, checks)),
      ],
      differences,
      folder: played.result.folder.path,
    };
  } finally {
    setup.cluster.close();
  }
}

/** @throws MisfortuneError `unhealthy` */
async function steady(scenario: Scenario, setup: GameSetup, signal: AbortSignal): Promise<void> {
  try {
    await untilSteady(scenario, setup, { alerts: true, signal });
  } catch (error) {
    if (!(error instanceof CaseFailure)) throw error;
    throw new MisfortuneError('unhealthy', error.message, {
      todo: 'Repair the stack first, or check that steadyState describes what is normal.',
      exitCode: exitCodes.refused,
    });
  }
}

/** Until all expected alerts have fired, or the time is over. */
async function watch(round: Round, scenario: Scenario, options: RehearseOptions): Promise<void> {
  const { watchFor, onLine } = options;
  const told = new Set<string>();
  const tell = (text: string, wall: number): void => {
    if (told.has(text)) return;
    told.add(text);
    const { injectedAt = wall } = round.state();
    onLine({ at: Math.max(0, wall - injectedAt) * round.setup.speed, text });
  };
  const deadlines = scenario.alerts.expected.map(({ within }) => within ?? usualWatch);
  const longest = watchFor ?? Math.min(scenario.timeout, Math.max(60_000, ...deadlines) + 30_000);
  await round.until(() => {
    const state = round.state();
    for (const { at, fault, seen, check } of state.effects)
      tell(`${fault}: ${seen ? 'has its effect' : 'has no effect'}: ${check.seen}`, at);
    for (const alert of state.alerts.filter(({ background }) => !background)) {
      if (alert.pendingAt !== undefined) tell(`${alert.name} is pending`, alert.pendingAt);
      if (alert.firingAt !== undefined) tell(`${alert.name} fires`, alert.firingAt);
    }
    const { oracle } = state;
    for (const { id, holds, gap, seen } of oracle?.checks ?? []) {
      if (!holds && !gap && !told.has(id)) tell(`oracle: ${id} is red: ${seen}`, oracle!.at);
      if (!holds && !gap) told.add(id);
    }
    if (watchFor !== undefined) return false;
    const fired = firedAlerts(state, scenario).map(({ name }) => name);
    return scenario.alerts.expected.every(({ name, or }) => [name, ...or].some((one) => fired.includes(one)));
  }, longest);
}

/** What validate would fail for, as far as one game without a responder shows it. */
function doubts(scenario: Scenario, alerts: readonly FiredAlert[], oracle: readonly CheckResult[]): string[] {
  const fired = alerts.map(({ name }) => name);
  const silent = scenario.alerts.expected.filter(
    ({ name, or }) => ![name, ...or].some((one) => fired.includes(one)),
  );
  return [
    ...silent.map(({ name }) => `${name} is expected and did not fire`),
    ...unexpectedAlerts(alerts),
    ...(oracle.length > 0 && oracle.every(({ holds }) => holds)
      ? ['the oracle holds while the fault is in: doing nothing would win']
      : []),
  ];
}

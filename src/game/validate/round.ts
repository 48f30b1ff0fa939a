import { emptyBaseline } from '../../check/baseline.ts';
import type { Check } from '../../check/grammar.ts';
import type { CheckContext } from '../../check/kind.ts';
import { waitUntilHolds } from '../../check/wait.ts';
import type { CheckResult } from '../../log/events.ts';
import type { GameState } from '../../log/state.ts';
import { type ConductorClient, connectConductor } from '../api/client.ts';
import { type Conductor, type GameResult, openConductor } from '../conductor.ts';
import { allowed } from '../intervals.ts';
import { actingOf } from '../play.ts';
import type { GameSetup } from '../start/setup.ts';
import { type ScriptedResponder, startScriptedResponder } from './responder.ts';
import { CaseFailure, fail } from './result.ts';

/** One game played by a script: what its moves need. */
export interface Round {
  setup: GameSetup;
  conductor: Conductor;
  client: ConductorClient;
  responder: ScriptedResponder;
  signal: AbortSignal;
  state(): GameState;
  /** Notes what was seen. */
  saw(line: string): void;
  /**
   * Waits until something is so: gives true; or false when `within` (ms at speed 1, see `allowed`) or the game is
   * over.
   */
  until(condition: () => boolean, within: number): Promise<boolean>;
  /** Waits until a check holds, `within` ms at speed 1. */
  observe(check: Check, within: number): Promise<CheckResult>;
}

export interface Played {
  problems: string[];
  evidence: string[];
  result: GameResult;
  state: GameState;
}

/** Real ms, once the fault has its effect: what a scenario claims of alerts and fixes is not to be proven by waiting long. */
const spare = 10_000;
const glance = 100;

/**
 * Plays a game by a script and ends it. What the script throws as CaseFailure, a game that does not begin, and a
 * cluster that is not as before are problems.
 */
export async function playRound(
  setup: GameSetup,
  { signal, onPhase }: { signal: AbortSignal; onPhase(phase: string): void },
  script: (round: Round) => Promise<void>,
): Promise<Played> {
  const problems: string[] = [];
  // Who looks into a game that failed wants its scorecard; nobody looks into the others.
  // Game follows game: each would wait for what only the scorecards of few are read for.
  const waitsForQuiet = setup.isWorthGrading?.() === true;
  const isWorthGrading = () => problems.length > 0 || setup.isWorthGrading?.() === true;
  const conductor = await openConductor({ ...setup, isWorthGrading, waitsForQuiet });
  const evidence: string[] = [];
  const cancel = () => conductor.abort(signal.reason as Error);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const running = conductor.run();
  const watching = new AbortController();
  void watchPhase(conductor, setup, watching.signal, onPhase);
  const client = connectConductor(conductor.address, 'master');
  const state = () => conductor.state();
  let responder: ScriptedResponder | undefined;
  try {
    await untilResponding(conductor, setup);
    const { access, stateHome, clock } = setup;
    responder = await startScriptedResponder({ access, client, stateHome, clock, signal });
    await script({
      setup,
      conductor,
      client,
      responder,
      signal,
      state,
      saw: (line) => evidence.push(line),
      until: (condition, within) => until(setup, conductor, condition, within),
      observe: (check, within) => observe(setup, signal, check, within),
    });
  } catch (error) {
    problems.push(...(error instanceof CaseFailure ? error.problems : [(error as Error).message]));
  } finally {
    conductor.abort(new Error('the case is over'));
    await responder?.close();
    signal.removeEventListener('abort', cancel);
  }
  const result = await running;
  watching.abort();
  problems.push(...result.leftover.map((line) => `left behind: ${line}`));
  return { problems, evidence, result, state: state() };
}

async function watchPhase(
  conductor: Conductor,
  { clock }: GameSetup,
  signal: AbortSignal,
  onPhase: (phase: string) => void,
): Promise<void> {
  for (let told: string | undefined; !signal.aborted; await clock.sleep(glance)) {
    const { phase } = conductor.state();
    if (phase !== told) onPhase(phase);
    told = phase;
  }
}

async function untilResponding(conductor: Conductor, { clock }: GameSetup): Promise<void> {
  while (conductor.state().phase !== 'respond') {
    const { ended } = conductor.state();
    if (ended) fail(`it was not played: ${ended.why}`);
    await clock.sleep(glance);
  }
}

async function until(
  { clock, speed }: GameSetup,
  conductor: Conductor,
  condition: () => boolean,
  within: number,
): Promise<boolean> {
  const deadline = clock.mono() + allowed(within, speed, spare);
  while (!condition()) {
    if (conductor.state().ended || clock.mono() > deadline) return condition();
    await clock.sleep(glance);
  }
  return true;
}

async function observe(
  setup: GameSetup,
  signal: AbortSignal,
  check: Check,
  within: number,
): Promise<CheckResult> {
  const { cluster, monitoring, clock, speed } = setup;
  const context: CheckContext = {
    cluster,
    prometheus: monitoring.prometheus,
    alertmanager: monitoring.alertmanager,
    baseline: emptyBaseline,
    acting: actingOf(setup),
    signal,
  };
  const { result } = await waitUntilHolds(check, context, {
    within: allowed(within, speed, spare),
    clock,
    every: 500,
  });
  return result;
}

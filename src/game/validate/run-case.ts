import { availableParallelism, loadavg } from 'node:os';
import { plural } from '../../words/number.ts';
import { readPlaybook, readScenario } from '../start/documents.ts';
import type { GameSetup } from '../start/setup.ts';
import { firedAlerts, unexpectedAlerts } from './alerts.ts';
import type { Case, PlayedCase } from './cases.ts';
import { expectSecret, lookAround, tooTelling } from './giveaway-case.ts';
import { type HealthyWatch, quietFindings } from './quiet.ts';
import { CaseFailure, type CaseResult, fail } from './result.ts';
import { type Played, playRound } from './round.ts';
import { script, waitsForAlerts } from './script.ts';
import { untilSteady } from './steady-state.ts';

/** What a case came to. */
export interface RanCase {
  result: CaseResult;
  /** The fault was not there to be responded to: it had no effect, or was refused. */
  notStarted?: boolean;
  /** The id of the game, where it could not put the cluster back. */
  unrestored?: string;
}

export interface CaseContext {
  setup: GameSetup;
  healthy: HealthyWatch;
  signal: AbortSignal;
  /** Hears what it does: `steady-state` while it waits for the stack, then the phases of the game. */
  onPhase(phase: string): void;
}

/** Plays one case in a game of its own. Does not throw for what the case finds. */
export async function runCase(one: Case, context: CaseContext): Promise<RanCase> {
  const { setup, signal, onPhase, healthy } = context;
  const { clock } = setup;
  const begun = clock.mono();
  const scenario = readScenario(setup.scenario, setup.params);
  const result = (outcome: CaseResult['outcome'], why: string[], more: Partial<CaseResult> = {}) => {
    // Somebody else's cluster does not run on this machine.
    const busy =
      outcome === 'failed' && setup.sandboxMarker
        ? busyMachine(loadavg()[0], availableParallelism())
        : undefined;
    const problems = busy ? [...why, busy] : why;
    const seconds = Math.round((clock.mono() - begun) / 100) / 10;
    const head = { scenario: scenario.name, kind: one.kind, name: one.name };
    return { ...head, outcome, problems, evidence: [], seconds, ...more };
  };
  if ('skip' in one) return { result: result('skipped', [one.skip]) };
  try {
    onPhase('steady-state');
    await untilSteady(scenario, setup, { alerts: one.kind === 'quiet' || waitsForAlerts(one), signal });
    if (one.kind === 'quiet') {
      onPhase('quiet');
      const { problems, evidence } = quietFindings(scenario, await healthy(setup, signal));
      return { result: result(problems.length === 0 ? 'passed' : 'failed', problems, { evidence }) };
    }
    const params = one.kind === 'renamed' ? { ...setup.params, ...one.params } : setup.params;
    const played = await playCase(one, {
      ...context,
      setup: { ...setup, params, autoStart: true, waitsForAlerts: false },
    });
    const { evidence, state } = played;
    const { ending, folder, leftover } = played.result;
    const alerts = firedAlerts(state, scenario);
    // A wrong fix, or a step left out, may well set off others.
    const strange = one.kind === 'playbook' || one.kind === 'nothing' ? unexpectedAlerts(alerts) : [];
    // On a shared cluster alerts fire that have nothing to do with the game.
    const isAlone = setup.sandboxMarker !== undefined;
    const problems = [...played.problems, ...(isAlone ? strange : [])];
    if (!isAlone) evidence.push(...strange);
    return {
      result: result(problems.length === 0 ? 'passed' : 'failed', problems, {
        evidence,
        folder: folder.path,
        alerts,
        giveaways: played.giveaways,
      }),
      notStarted: ending === 'not-started',
      ...(leftover.length > 0 && { unrestored: folder.id }),
    };
  } catch (error) {
    const problems = error instanceof CaseFailure ? error.problems : [(error as Error).message];
    return { result: result('failed', problems) };
  }
}

/** Processes that want a CPU, a core: with more than these, probes and scrapes of a sandbox come too late. */
const busyLoad = 10;

/** What may be the reason of a failure that is none of the scenario's. `load`: of the last minute, as `uptime` has it. */
export function busyMachine(load: number | undefined, cores: number): string | undefined {
  if (load === undefined || load <= busyLoad * cores) return undefined;
  return `the machine was busy (load ${Math.round(load)} on ${plural(cores, 'core')}), so this may be because of it: prove it again with fewer --jobs, or at a lower --speed`;
}

async function playCase(
  one: PlayedCase,
  { setup, signal, onPhase }: CaseContext,
): Promise<Played & { giveaways?: number }> {
  const scenario = readScenario(setup.scenario, setup.params);
  const playbook = readPlaybook(setup.playbook, scenario);
  if (one.kind === 'giveaway') {
    const before = await lookAround(setup, signal);
    let telling: string[] | undefined;
    const played = await playRound(setup, { signal, onPhase }, async (round) => {
      telling = await expectSecret(round, scenario, before);
      const problems = tooTelling(telling);
      if (problems.length > 0) fail(...problems);
    });
    return { ...played, giveaways: telling?.length };
  }
  const played = await playRound(setup, { signal, onPhase }, (round) =>
    script(one, round, scenario, playbook),
  );
  const { ending, why } = played.result;
  const wanted = endings[one.kind];
  if (wanted && ending !== wanted && played.problems.length === 0) {
    played.problems.push(`expected the game to end ${wanted}, it ended ${ending}: ${why}`);
  }
  return played;
}

const endings: Partial<Record<Case['kind'], string>> = {
  playbook: 'mitigated',
  renamed: 'mitigated',
  fixes: 'mitigated',
  nothing: 'timed-out',
};

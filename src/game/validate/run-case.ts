import { readPlaybook, readScenario } from '../documents.ts';
import type { GameSetup } from '../setup.ts';
import { untilCalm } from './calm.ts';
import type { Case, PlayedCase } from './cases.ts';
import { CaseFailure, type CaseResult } from './result.ts';
import { type Played, playRound } from './round.ts';
import { script, waitsForAlerts } from './script.ts';

/** What a case came to. */
export interface RanCase {
  result: CaseResult;
  /** The fault was not there to be responded to: it had no effect, or was refused. */
  stillborn?: boolean;
  /** The id of the game, where it could not put the cluster back. */
  unrestored?: string;
}

export interface CaseContext {
  setup: GameSetup;
  signal: AbortSignal;
  /** Told what it does: `calm` while it waits for the stack, then the phases of the game. */
  onPhase(phase: string): void;
}

/** Plays one case in a game of its own. Does not throw for what the case finds. */
export async function runCase(one: Case, context: CaseContext): Promise<RanCase> {
  const { setup, signal, onPhase } = context;
  const { clock } = setup;
  const begun = clock.mono();
  const scenario = readScenario(setup.scenario, setup.params);
  const result = (outcome: CaseResult['outcome'], problems: string[], more: Partial<CaseResult> = {}) => {
    const seconds = Math.round((clock.mono() - begun) / 100) / 10;
    const head = { scenario: scenario.name, kind: one.kind, name: one.name };
    return { ...head, outcome, problems, evidence: [], seconds, ...more };
  };
  if ('skip' in one) return { result: result('skipped', [one.skip]) };
  try {
    onPhase('calm');
    await untilCalm(scenario, setup, { alerts: waitsForAlerts(one), signal });
    const params = one.kind === 'renamed' ? { ...setup.params, ...one.params } : setup.params;
    const played = await playCase(one, {
      ...context,
      setup: { ...setup, params, autoStart: true, waitsForAlerts: false },
    });
    const { problems, evidence } = played;
    const { ending, folder, leftover } = played.result;
    return {
      result: result(problems.length === 0 ? 'passed' : 'failed', problems, {
        evidence,
        folder: folder.path,
      }),
      stillborn: ending === 'not-started',
      ...(leftover.length > 0 && { unrestored: folder.id }),
    };
  } catch (error) {
    const problems = error instanceof CaseFailure ? error.problems : [(error as Error).message];
    return { result: result('failed', problems) };
  }
}

async function playCase(one: PlayedCase, { setup, signal, onPhase }: CaseContext): Promise<Played> {
  const scenario = readScenario(setup.scenario, setup.params);
  const playbook = readPlaybook(setup.playbook, scenario);
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

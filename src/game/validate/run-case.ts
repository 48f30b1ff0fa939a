import { emptyBaseline } from '../../check/baseline.ts';
import { evaluateAll } from '../../check/evaluate.ts';
import { readJson } from '../../log/folder.ts';
import type { Playbook } from '../../playbook/schema.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { readPlaybook, readScenario } from '../documents.ts';
import type { Rules } from '../folder-copies.ts';
import type { GameSetup } from '../setup.ts';
import { missingAlerts } from './alerts.ts';
import type { Case } from './cases.ts';
import { expectRed, followPlaybook, mitigate, runLines } from './moves.ts';
import { CaseFailure, type CaseResult, fail } from './result.ts';
import { type Played, playRound, type Round } from './round.ts';

/** After a right move: until the windows of the metrics have passed, ms at speed 1. */
const mitigatedWithin = 5 * 60_000;

/** After a wrong one: how long the named check may take to show it, ms at speed 1. */
const failsWithin = 2 * 60_000;

/** Before a case: until the traces of the one before are gone, ms at speed 1. */
const healthyWithin = 5 * 60_000;

/** Plays one case in a game of its own. Does not throw for what the case finds. */
export async function runCase(one: Case, setup: GameSetup, signal: AbortSignal): Promise<CaseResult> {
  const { clock } = setup;
  const begun = clock.mono();
  const scenario = readScenario(setup.scenario, setup.params);
  const head = { scenario: scenario.name, kind: one.kind, name: one.name };
  const seconds = () => Math.round((clock.mono() - begun) / 100) / 10;
  if (one.kind === 'renamed' && Object.keys(one.params).length === 0) {
    const problems = ['no param holds the name of an object that the scenario creates'];
    return { ...head, outcome: 'skipped', problems, evidence: [], seconds: 0 };
  }
  try {
    await untilHealthy(scenario, setup, signal);
    const params = one.kind === 'renamed' ? { ...setup.params, ...one.params } : setup.params;
    const played = await playCase(one, { ...setup, params, autoStart: true }, signal);
    signal.throwIfAborted();
    const { problems, evidence, result } = played;
    const outcome = problems.length === 0 ? 'passed' : 'failed';
    return { ...head, outcome, problems, evidence, seconds: seconds(), folder: result.folder.path };
  } catch (error) {
    signal.throwIfAborted();
    const problems = error instanceof CaseFailure ? error.problems : [(error as Error).message];
    return { ...head, outcome: 'failed', problems, evidence: [], seconds: seconds() };
  }
}

async function playCase(one: Case, setup: GameSetup, signal: AbortSignal): Promise<Played> {
  const scenario = readScenario(setup.scenario, setup.params);
  const playbook = readPlaybook(setup.playbook, scenario);
  const played = await playRound(setup, signal, (round) => script(one, round, scenario, playbook));
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

async function script(one: Case, round: Round, scenario: Scenario, playbook: Playbook): Promise<void> {
  const redFor = scenario.oracle.sustained + 30_000;
  switch (one.kind) {
    case 'playbook':
    case 'renamed': {
      const rules = readJson(round.conductor.folder.rules) as Rules | undefined;
      const silent = await missingAlerts(round, scenario.alerts.expected, rules);
      await followPlaybook(round, playbook);
      await mitigate(round, mitigatedWithin);
      if (silent.length > 0) fail(...silent);
      return;
    }
    case 'fixes':
      await runLines(round, one.fix.run);
      return await mitigate(round, mitigatedWithin);
    case 'wrong-fixes': {
      const { fix } = one;
      await runLines(round, fix.run);
      await expectEffect(round, fix);
      await expectFailing(round, fix.fails);
      await expectRed(round, redFor, `"${fix.name}" is wrong`);
      // It may look well for a moment (pods that are made anew): it must fail again.
      return await expectFailing(round, fix.fails);
    }
    case 'left-out':
      await followPlaybook(round, playbook, one.step.id);
      return await expectRed(round, redFor, `the step ${one.step.id} was left out`);
    case 'nothing': {
      const { timeout } = scenario;
      await round.until(() => round.state().ended !== undefined, timeout + 60_000);
      round.saw(`ended: ${round.state().ended?.ending ?? 'it did not'}`);
    }
  }
}

async function expectEffect(
  round: Round,
  { effect, name }: Extract<Case, { kind: 'wrong-fixes' }>['fix'],
): Promise<void> {
  if (!effect) return;
  const { holds, seen } = await round.observe(effect, effect.within);
  if (!holds) fail(`"${name}" did not have its effect: ${seen}`);
  round.saw(`effect: ${seen}`);
}

async function expectFailing(round: Round, id: string): Promise<void> {
  const check = () => round.state().oracle?.checks.find((each) => each.id === id);
  const fails = () => check()?.holds === false && !check()?.gap;
  if (!(await round.until(fails, failsWithin)))
    fail(`the check ${id} does not fail: ${check()?.seen ?? 'there is no such check'}`);
  round.saw(`${id}: ${check()?.seen}`);
}

/** The case before has left its mark in the windows of the metrics. */
async function untilHealthy(scenario: Scenario, setup: GameSetup, signal: AbortSignal): Promise<void> {
  const { cluster, monitoring, clock, speed } = setup;
  const context = { cluster, prometheus: monitoring.prometheus, baseline: emptyBaseline, signal };
  // `available: baseline` is for the game to judge: nothing is known of a baseline here.
  const checks = scenario.steadyState.filter(({ promql }) => promql);
  const deadline = clock.mono() + healthyWithin / speed + 20_000;
  for (;;) {
    const results = await evaluateAll(checks, context);
    if (results.every(({ holds }) => holds)) return;
    if (clock.mono() > deadline) {
      fail(
        ...results
          .filter(({ holds }) => !holds)
          .map(({ id, seen }) => `the stack is not healthy: ${id}: ${seen}`),
      );
    }
    await clock.sleep(500, signal);
  }
}

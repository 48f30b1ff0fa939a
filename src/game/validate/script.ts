import { readJson } from '../../log/folder.ts';
import type { Playbook } from '../../playbook/schema.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { Rules } from '../recording/known-rules.ts';
import { missingAlerts, stillUndelivered } from './alerts.ts';
import type { PlayedCase } from './cases.ts';
import { expectRed, followPlaybook, mitigate, runLines } from './moves.ts';
import { fail } from './result.ts';
import type { Round } from './round.ts';
import { routesOf } from './routes.ts';

/** After a right move: until the windows of the metrics have passed, ms at speed 1. */
const mitigatedWithin = 5 * 60_000;

/** After a wrong one: how long the named check may take to show it, ms at speed 1. */
const failsWithin = 2 * 60_000;

/** A change that a command made, until the recorder has handed it on; ms at speed 1. */
const changeWithin = 15_000;

/** Whether the case begins with the page: then no alert may be left over from the case before. */
export function waitsForAlerts(one: PlayedCase): boolean {
  return one.kind === 'renamed' || one.kind === 'giveaway' || (one.kind === 'playbook' && one.alerts);
}

/** What the scripted responder does in a case, and what must come of it. Throws CaseFailure. */
export async function script(
  one: Exclude<PlayedCase, { kind: 'giveaway' }>,
  round: Round,
  scenario: Scenario,
  playbook: Playbook,
): Promise<void> {
  const [route] = routesOf(playbook);
  const redFor = scenario.oracle.sustained + 30_000;
  // What comes and goes may have to come again before anything can be told.
  const again = Math.max(...scenario.faults.map(({ repeat }) => repeat?.every ?? 0));
  switch (one.kind) {
    case 'playbook':
    case 'renamed': {
      const rules = readJson(round.conductor.folder.rules) as Rules | undefined;
      const silent = waitsForAlerts(one) ? await missingAlerts(round, scenario.alerts.expected, rules) : [];
      await followPlaybook(round, playbook, one.kind === 'playbook' ? one.route : route!);
      const lost = waitsForAlerts(one) ? await stillUndelivered(round, scenario.alerts.expected) : [];
      await mitigate(round, mitigatedWithin + again);
      if (silent.length + lost.length > 0) fail(...silent, ...lost);
      return;
    }
    case 'fixes':
      await runLines(round, one.fix.run);
      return await mitigate(round, mitigatedWithin + again);
    case 'wrong-fixes': {
      const { fix } = one;
      await runLines(round, fix.run);
      await expectEffect(round, fix);
      await expectFailing(round, fix.fails, failsWithin + again);
      await expectRed(round, redFor, `"${fix.name}" is wrong`);
      // It may look well for a moment (pods that are made anew): it must fail again.
      return await expectFailing(round, fix.fails, failsWithin + again);
    }
    case 'left-out':
      await followPlaybook(round, playbook, route!, one.step.id).catch((error: unknown) => {
        // A game that is over takes no more steps: that it is over is what must be told.
        if (!round.state().ended) throw error;
      });
      return await expectRed(round, redFor, `the step ${one.step.id} was left out`);
    case 'nothing': {
      const { timeout } = scenario;
      await round.until(() => round.state().ended !== undefined, timeout + 60_000);
      round.saw(`ended: ${round.state().ended?.ending ?? 'it did not'}`);
    }
  }
}

/** What the fix says it does; where it says nothing, that it changed something at all. */
async function expectEffect(
  round: Round,
  { effect, name }: Extract<PlayedCase, { kind: 'wrong-fixes' }>['fix'],
): Promise<void> {
  if (!effect) {
    const change = () => round.state().actions.find((action) => action.effect === 'mutate');
    if (!(await round.until(() => change() !== undefined, changeWithin)))
      fail(`"${name}" changed nothing that the recorder saw`);
    return round.saw(`changed: ${change()?.title}`);
  }
  const { holds, seen } = await round.observe(effect, effect.within);
  if (!holds) fail(`"${name}" did not have its effect: ${seen}`);
  round.saw(`effect: ${seen}`);
}

/** The check fails by an evaluation that began after the call, `within` ms at speed 1. */
async function expectFailing(round: Round, id: string, within: number): Promise<void> {
  const check = () => round.state().oracle?.checks.find((each) => each.id === id);
  let last = round.state().oracle;
  let evaluations = 0;
  const fails = () => {
    const { oracle } = round.state();
    if (oracle !== last) evaluations += 1;
    last = oracle;
    // The first one may have been under way before, and show what was then.
    return evaluations > 1 && check()?.holds === false && !check()?.gap;
  };
  if (!(await round.until(fails, within)))
    fail(`the check ${id} does not fail: ${check()?.seen ?? 'there is no such check'}`);
  round.saw(`${id}: ${check()?.seen}`);
}

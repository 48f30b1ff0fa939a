import type { GameState } from '../../log/state.ts';
import { placeholderIn } from '../../playbook/command-match.ts';
import { matchesStep } from '../../playbook/match.ts';
import type { Match, Playbook, Step } from '../../playbook/schema.ts';
import { scriptedName } from './responder.ts';
import { CaseFailure, fail } from './result.ts';
import type { Round } from './round.ts';
import { comesAfter, doingOf, type Route, stepsToFollow } from './routes.ts';

/** How long the recorder may take to hand on what it saw, ms. */
const actionWithin = 15_000;

/** Runs lines as the responder, each while what comes and goes is there; each must exit with 0. */
export async function runLines(round: Round, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const { game } = round.state();
    await round.until(
      () => !isBetweenTurns(round.state(), round.setup.clock.now()),
      (game?.timeout ?? 0) * 1000,
    );
    const { exitCode, output } = await round.responder.run(line);
    round.saw(`$ ${line} → ${exitCode}`);
    if (exitCode !== 0) fail(`"${line}" exited with ${exitCode}: ${lastLine(output)}`);
  }
}

/**
 * Whether a fault is gone for the moment, or will be before a command has had its effect: so it is in the last third of
 * a turn. Decoys come and go as they like.
 */
function isBetweenTurns({ turns, repeatsOver, plan }: GameState, now: number): boolean {
  const faults = new Set(plan?.operations.flatMap(({ fault, role }) => (role ? [] : [fault])));
  return [...faults].some((id) => {
    const last = turns.findLast(({ fault }) => fault === id);
    if (!last || repeatsOver.some(({ fault }) => fault === id)) return false;
    return last.endedAt !== undefined || now > last.until - (last.until - last.at) / 3;
  });
}

/**
 * Follows a playbook from the first step to the last, without the one left out: what comes after that one may fail for want of
 * it, as a check that is run again does. Manual steps are declared.
 */
export async function followPlaybook(
  round: Round,
  playbook: Playbook,
  route: Route,
  leftOut?: string,
): Promise<void> {
  for (const step of stepsToFollow(playbook, leftOut)) {
    const { ended } = round.state();
    if (ended) fail(`the game ended before step ${step.id}: ${ended.ending} (${ended.why})`);
    await doStep(round, step, route).catch((error: unknown) => {
      const isForWant = leftOut !== undefined && comesAfter(playbook, step, leftOut);
      if (!isForWant || !(error instanceof CaseFailure)) throw error;
      round.saw(`${step.id} fails without ${leftOut}: ${error.message}`);
    });
  }
}

const dashCommand = /\bmisfortune\s+dash\b/;

async function doStep(round: Round, step: Step, route: Route): Promise<void> {
  const doing = doingOf(step, route);
  const opensDashboard =
    doing.match?.dashboard !== undefined || doing.run?.some((line) => dashCommand.test(line));
  const placeholder = doing.run?.flatMap((line) => placeholderIn(line) ?? [])[0];
  if (opensDashboard && !round.setup.monitoring.grafana) {
    round.saw(`${step.id}: not followed: without Grafana there is no dashboard to open`);
  } else if (placeholder !== undefined) {
    round.saw(`${step.id}: its run line has ${placeholder}: it needs a person to follow it`);
  } else if (doing.run && doing.match) {
    const before = round.state().actions.length;
    await runLines(round, doing.run);
    await expectMatch(round, doing.id, doing.match, before);
  } else if (step.kind === 'manual') {
    await round.client.declare({ type: 'note', who: scriptedName, text: step.say ?? step.id, step: step.id });
    round.saw(`${step.id}: noted`);
  } else {
    round.saw(`${step.id}: has no run line: it needs a person to follow it`);
  }
}

/**
 * What was run must be recognised as the step it is. Looking at the same thing again, with no change in between, is one
 * look for the recorder: it may count for a second step.
 */
async function expectMatch(round: Round, id: string, match: Match, before: number): Promise<void> {
  const recent = () => {
    const { actions } = round.state();
    const changed = actions.findLastIndex(({ effect }) => effect === 'mutate');
    const looks = actions.slice(changed + 1, before).filter(({ surface }) => lookSurfaces.has(surface));
    return [...looks, ...actions.slice(before)];
  };
  const matched = () => recent().some((action) => matchesStep(match, action));
  if (await round.until(matched, actionWithin)) return;
  const seen = recent().map(({ title }) => title);
  fail(`step ${id}: its run line is not what its match describes; seen: ${seen.join(', ') || 'nothing'}`);
}

const lookSurfaces: ReadonlySet<string> = new Set(['dash', 'grafana', 'prometheus', 'alertmanager']);

/** Claims as soon as the oracle holds; play must end mitigated. `within` ms at speed 1. */
export async function mitigate(round: Round, within: number): Promise<void> {
  const deadline = round.setup.clock.mono() + within / round.setup.speed;
  do {
    const holds = await round.until(() => round.state().oracle?.holds === true, within);
    if (!holds) break;
    const { accepted } = await round.client.declare({ type: 'resolve', who: scriptedName });
    if (accepted) return round.saw('the oracle held for its window');
  } while (round.setup.clock.mono() < deadline && !round.state().ended);
  if (round.state().ended?.ending === 'mitigated') return;
  fail(...failing(round).map((line) => `the oracle does not hold: ${line}`));
}

/** The oracle must not be satisfied for so long (ms at speed 1), and a claim must be refused. */
export async function expectRed(round: Round, forMs: number, why: string): Promise<void> {
  const { clock, speed } = round.setup;
  if (!round.state().ended) await clock.sleep(forMs / speed, round.signal);
  const { ended } = round.state();
  if (ended) fail(`${why}, and yet the game ended: ${ended.ending} (${ended.why})`);
  const { accepted } = await round.client.declare({ type: 'resolve', who: scriptedName });
  if (accepted) fail(`${why}, and yet the oracle held for its window`);
  for (const line of failing(round)) round.saw(`red: ${line}`);
}

export function failing(round: Round): string[] {
  const { oracle } = round.state();
  if (!oracle) return ['it was never evaluated'];
  const checks = oracle.checks.filter((check) => !check.holds);
  return checks.length > 0 ? checks.map(({ id, seen }) => `${id}: ${seen}`) : ['it did not last'];
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}

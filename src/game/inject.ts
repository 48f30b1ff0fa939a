import { readFileSync } from 'node:fs';
import { waitUntilHolds } from '../check/wait.ts';
import { seededRandom } from '../clock.ts';
import { describeError, exitCodes, MisfortuneError } from '../errors.ts';
import { apply } from '../fault/apply.ts';
import { takeBaseline } from '../fault/compare.ts';
import type { Engine } from '../fault/engine.ts';
import type { FaultInput } from '../fault/fault-type.ts';
import { fenced } from '../fault/fence.ts';
import { formatPermission } from '../fault/format-permission.ts';
import type { Guard } from '../fault/guard-rails.ts';
import { type Operation, summary } from '../fault/operation.ts';
import { makePlan, type Plan } from '../fault/plan.ts';
import { assertPassed, preflight } from '../fault/preflight.ts';
import { readOnce } from '../fault/read-once.ts';
import type { CheckResult } from '../log/events.ts';
import { writeWhole } from '../log/folder.ts';
import { program } from '../paths.ts';
import type { FaultUse, Scenario } from '../scenario/schema.ts';
import { announceBeginning } from './announce/announce.ts';
import { intervals } from './intervals.ts';
import { openLedgers } from './ledgers.ts';
import { gameReads } from './permissions.ts';
import { checkContext, enter, type Outcome, type Play, pace, real } from './play.ts';
import type { GameSetup } from './setup.ts';
import { beginTurn, repeatingOf } from './turns.ts';

/** Image that programs of ours run in where none is configured: stock, nothing of ours is pushed. */
const programImage = 'node:20-slim';

/** The plan of a scenario: also for `play --dry-run`, which goes no further. Reads the cluster, writes nothing. */
export function planScenario(scenario: Scenario, setup: GameSetup): Promise<Plan> {
  const steps: FaultInput[] = [...scenario.faults, ...scenario.decoys];
  const { speed } = setup;
  const faults = steps.map(({ id, type, spec, after = 0, repeat, role }): FaultInput => {
    const turns = repeat && { ...repeat, every: repeat.every / speed, for: repeat.for / speed };
    return { id, type, spec, after: after / speed, ...(turns && { repeat: turns }), ...(role && { role }) };
  });
  return makePlan(faults, {
    cluster: setup.cluster,
    namespaces: setup.namespaces,
    secondsToPlay: secondsToPlay(scenario, setup),
    random: seededRandom(setup.seed),
    image: programImage,
    ...setup.programs,
    programText: (name) => readFileSync(program(`programs/${name}`), 'utf8'),
  });
}

/** What the plan may touch, and how much. */
export function guardOf(scenario: Scenario, setup: GameSetup): Guard {
  const { namespaces, sandboxMarker, limits } = setup;
  const contextAllowed = sandboxMarker === undefined;
  const reads = gameReads(scenario, setup);
  return {
    namespaces,
    sandboxMarker,
    contextAllowed,
    limits,
    secondsToPlay: secondsToPlay(scenario, setup),
    ...(setup.guardian && { guardian: setup.guardian }),
    ...(setup.mailbox !== undefined && { mailbox: setup.mailbox }),
    reads,
  };
}

/** Real seconds. */
function secondsToPlay(scenario: Scenario, setup: GameSetup): number {
  return Math.ceil(scenario.timeout / setup.speed / 1000);
}

/**
 * Breaks the cluster: plan, preflight, baseline, ledger, Lease, apply, verify; then waits for each fault's own effect. An outcome
 * means that there is nothing to play (`not-started`); what was done by then is in the ledger.
 * @throws MisfortuneError of the guard rails and of preflight, before anything is touched
 */
export async function inject(play: Play): Promise<Outcome | undefined> {
  enter(play, 'inject');
  const { setup, folder, log, clock, scenario, signal } = play;
  const picture = readOnce(setup.cluster);
  const plan = await planScenario(scenario, { ...setup, cluster: picture });
  log.append({
    type: 'plan-made',
    operations: plan.operations.map(summary),
    permissions: plan.permissions.map(formatPermission),
    blastRadius: plan.blastRadius.lines,
  });
  assertPassed(await preflight(plan, guardOf(scenario, setup), picture, signal));
  await announceBeginning(play);
  const before = await takeBaseline(setup.cluster, setup.namespaces, {
    clock,
    signal,
    also: plan.operations.map(({ ref }) => ref),
  });
  writeWhole(folder.baseline, JSON.stringify(before));
  await openLedgers(play, plan, before);
  signal.throwIfAborted();
  await apply(
    plan.operations.filter(({ afterMs }) => afterMs === 0),
    engineOf(play, signal),
  );
  log.append({ type: 'injected' });
  const repeating = repeatingOf(scenario);
  const isRepeated = ({ fault }: Operation) => repeating.some(({ id }) => id === fault);
  play.later = plan.operations.filter((one) => one.afterMs > 0 && !isRepeated(one));
  play.repeated = plan.operations.filter(isRepeated);
  for (const step of repeating) if (step.after === 0) beginTurn(play, step, 1);
  const decoys = new Set(plan.operations.filter(({ role }) => role).map(({ id }) => id));
  const lives = plan.deadlines.flatMap(({ operation, seconds = 0 }) =>
    seconds > 0 && !decoys.has(operation) ? [seconds] : [],
  );
  if (lives.length > 0) play.faultEndsAt = clock.now() + Math.min(...lives) * 1000;
  const wrong = play.state().plan?.operations.find((one) => one.verified?.verdict === 'mismatch');
  if (wrong) return notStarted(`${wrong.ref} is not as it was meant to be: ${wrong.verified?.seen}`);
  for (const fault of scenario.faults.filter(({ after }) => after === 0)) {
    const check = await seeEffect(play, fault, signal);
    if (check && !check.holds) return notStarted(`the fault ${fault.id} had no effect: ${check.seen}`);
  }
  return undefined;
}

/**
 * The steps of a scenario that come later, each at its time since the injection, while people respond. Whatever goes
 * wrong with a decoy is only told; a fault that cannot be made is thrown.
 */
export async function injectLater(play: Play, signal: AbortSignal): Promise<void> {
  const { clock, scenario, log, state } = play;
  const begun = state().injectedAt ?? clock.now();
  for (const operation of play.later) {
    await clock.sleep(Math.max(0, begun + operation.afterMs - clock.now()), signal);
    try {
      await apply([{ ...operation, afterMs: 0 }], engineOf(play, signal));
    } catch (error) {
      if (operation.role === undefined || signal.aborted) throw error;
      const seen = describeError(error);
      log.append({ type: 'operation-verified', id: operation.id, verdict: 'mismatch', seen });
    }
    const isLast = play.later.findLast(({ fault }) => fault === operation.fault) === operation;
    const fault = scenario.faults.find(({ id }) => id === operation.fault);
    if (fault && isLast) await seeEffect(play, fault, signal);
  }
}

export function engineOf(play: Play, signal: AbortSignal): Engine {
  const { setup, log, clock, ledger } = play;
  if (!ledger)
    throw new MisfortuneError('no-ledger', 'Nothing was injected.', { exitCode: exitCodes.internal });
  const cluster = play.ownWrites.through(play.lease ? fenced(setup.cluster, play.lease) : setup.cluster);
  return { cluster, ledger, clock, signal, emit: (event) => log.append(event) };
}

/** Waits for what must show that a fault works, if there is such a thing. */
export async function seeEffect(
  play: Play,
  { id, effect }: Pick<FaultUse, 'id' | 'effect'>,
  signal: AbortSignal,
): Promise<CheckResult | undefined> {
  if (!effect) return undefined;
  const { log, clock } = play;
  const { result: check, afterMs } = await waitUntilHolds(effect, checkContext(play, signal), {
    within: real(play, effect.within),
    clock,
    every: pace(play, intervals.effect),
  });
  log.append({
    type: check.holds ? 'effect-seen' : 'no-effect',
    fault: id,
    check,
    afterMs: Math.round(afterMs),
  });
  return check;
}

function notStarted(why: string): Outcome {
  return { ending: 'not-started', why };
}

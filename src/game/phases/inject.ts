import { readFileSync } from 'node:fs';
import { sideBySide } from '../../at-once.ts';
import { waitUntilHolds } from '../../check/wait.ts';
import { seededRandom } from '../../clock.ts';
import { formatPermission } from '../../cluster/access/permissions.ts';
import { stockImage } from '../../cluster/our-pod.ts';
import { readOnce } from '../../cluster/read-once.ts';
import { describeError } from '../../errors.ts';
import { apply } from '../../fault/apply/apply.ts';
import { takeBaseline } from '../../fault/compare/compare.ts';
import type { FaultInput } from '../../fault/fault-type.ts';
import { type Operation, summary } from '../../fault/operation.ts';
import type { Guard } from '../../fault/plan/guard-rails.ts';
import { makePlan, type Plan } from '../../fault/plan/plan.ts';
import { assertPassed, preflight } from '../../fault/plan/preflight.ts';
import type { CheckResult } from '../../log/events.ts';
import { writeWhole } from '../../log/folder.ts';
import { firstBroken } from '../../log/state.ts';
import { program } from '../../paths.ts';
import type { FaultUse, Scenario } from '../../scenario/schema.ts';
import { announceBeginning } from '../announce/announce.ts';
import { allowed, intervals } from '../intervals.ts';
import type { Mailbox } from '../mailbox/serve.ts';
import { checkContext, enter, type Measured, type Outcome, type Play, pace, real } from '../play.ts';
import { gameReads } from '../start/permissions.ts';
import type { GameSetup } from '../start/setup.ts';
import type { Hold } from './hold.ts';
import { beginTurn, repeatingOf, type Turns } from './turns.ts';

/** The plan of a scenario: also for `play --dry-run`, which goes no further. Reads the cluster, writes nothing. */
export function planScenario(scenario: Scenario, setup: GameSetup): Promise<Plan> {
  const steps: (FaultUse & Pick<FaultInput, 'role'>)[] = [...scenario.faults, ...scenario.decoys];
  const { speed } = setup;
  const faults = steps.map(({ id, type, spec, after = 0, when, repeat, role }): FaultInput => {
    const turns = repeat && { ...repeat, every: repeat.every / speed, for: repeat.for / speed };
    const times = { after: after / speed, waits: when !== undefined, ...(turns && { repeat: turns }) };
    return { id, type, spec, ...times, ...(role && { role }) };
  });
  return makePlan(faults, {
    cluster: setup.cluster,
    namespaces: setup.namespaces,
    secondsToPlay: secondsToPlay(scenario, setup),
    sandbox: setup.sandboxMarker !== undefined,
    random: seededRandom(setup.seed),
    image: stockImage,
    ...setup.programs,
    programText: (name) => readFileSync(program(`programs/${name}`), 'utf8'),
  });
}

/** What the plan may touch, and how much. */
export function guardOf(scenario: Scenario, setup: GameSetup): Guard {
  const { namespaces, sandboxMarker, limits } = setup;
  const reads = gameReads(scenario, setup);
  return {
    namespaces,
    sandboxMarker,
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

/** What is broken, and what is still to come. */
export interface Injected {
  /** Wall ms at which the first operation ends without anyone's help. */
  readonly faultEndsAt: number | undefined;
  /** Operations that are still to come, while people respond; in order. */
  readonly later: readonly Operation[];
  /** Operations of the steps that come and go, as their first turn makes them. */
  readonly repeated: readonly Operation[];
  /** How these steps stand. */
  readonly turns: Turns;
}

/**
 * Breaks the cluster: plan, preflight, baseline, ledger, Lease, apply, verify; then waits for each fault's own effect. An outcome
 * means that there is nothing to play (`not-started`); what was done by then is in the ledger.
 * @throws MisfortuneError of the guard rails and of preflight, before anything is touched
 */
export async function inject(
  play: Play,
  measured: Measured,
  hold: Hold,
  mailbox: Mailbox | undefined,
): Promise<Injected | Outcome> {
  enter(play, 'inject');
  const { setup, folder, log, clock, state, signal } = play;
  const { scenario } = measured;
  const picture = readOnce(setup.cluster);
  const plan = await planScenario(scenario, { ...setup, cluster: picture });
  log.append({
    type: 'plan-made',
    operations: plan.operations.map(summary),
    permissions: plan.permissions.map(formatPermission),
    blastRadius: plan.blastRadius.lines,
  });
  assertPassed(await preflight(plan, guardOf(scenario, setup), picture, signal));
  await announceBeginning(play, scenario);
  const before = await takeBaseline(setup.cluster, setup.namespaces, {
    clock,
    signal,
    also: plan.operations.map(({ ref }) => ref),
  });
  writeWhole(folder.baseline, JSON.stringify(before));
  await hold.take(plan, before, mailbox);
  signal.throwIfAborted();
  const waiting = new Set(
    [...scenario.faults, ...scenario.decoys].flatMap(({ id, when }) => (when ? id : [])),
  );
  const isLater = ({ afterMs, fault }: Operation) => afterMs > 0 || waiting.has(fault);
  await apply(
    plan.operations.filter((one) => !isLater(one)),
    hold.engine(signal),
  );
  log.append({ type: 'injected', since: firstBroken(state()) ?? clock.now() });
  const repeating = repeatingOf(scenario);
  const isRepeated = ({ fault }: Operation) => repeating.some(({ id }) => id === fault);
  const turns: Turns = new Map();
  for (const step of repeating) if (step.after === 0) beginTurn(play, turns, step, 1);
  const faultEndsAt = endOf(plan, clock.now());
  const wrong = play.state().plan?.operations.find((one) => one.verified?.verdict === 'mismatch');
  if (wrong) return notStarted(`${wrong.ref} was not changed as planned: ${wrong.verified?.seen}`);
  for (const fault of scenario.faults.filter(({ after, when }) => after === 0 && !when)) {
    const check = await seeEffect(play, measured, fault, signal);
    if (check && !check.holds) return notStarted(`the fault ${fault.id} had no effect: ${check.seen}`);
  }
  return {
    faultEndsAt,
    later: plan.operations.filter((one) => isLater(one) && !isRepeated(one)),
    repeated: plan.operations.filter(isRepeated),
    turns,
  };
}

/** When the first fault that was made now ends by itself; undefined: none does. Wall ms. */
function endOf({ operations, deadlines }: Plan, now: number): number | undefined {
  const decoys = new Set(operations.filter(({ role }) => role).map(({ id }) => id));
  const lives = deadlines.flatMap(({ operation, seconds = 0 }) =>
    seconds > 0 && !decoys.has(operation) ? [seconds] : [],
  );
  return lives.length > 0 ? now + Math.min(...lives) * 1000 : undefined;
}

/**
 * The steps of a scenario that come later, while people respond: each at its time since the injection, or from then on as
 * soon as its condition holds. Whatever goes wrong with a decoy is only told; a fault that cannot be made is thrown.
 */
export async function injectLater(
  play: Play,
  game: Measured & Injected,
  hold: Hold,
  signal: AbortSignal,
): Promise<void> {
  const { scenario, later } = game;
  const conditional = [...scenario.faults, ...scenario.decoys].filter(({ when }) => when);
  const isConditional = ({ fault }: Operation) => conditional.some(({ id }) => id === fault);
  const timed = later.filter((one) => !isConditional(one));
  await sideBySide(
    [
      (until) => makeInTime(play, game, hold, timed, until),
      ...conditional.map((step) => async (until: AbortSignal) => {
        if (await comesToHold(play, game, step, until))
          await makeInTime(
            play,
            game,
            hold,
            later.filter(({ fault }) => fault === step.id),
            until,
          );
      }),
    ],
    signal,
  );
}

/** Waits for a step's time and from then on for its condition; if that does not come to hold, the step is left out. */
async function comesToHold(
  play: Play,
  measured: Measured,
  { id, after, when }: Pick<FaultUse, 'id' | 'after' | 'when'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, log, state } = play;
  if (!when) return true;
  const begun = state().injectedAt ?? clock.now();
  await clock.sleep(Math.max(0, begun + real(play, after) - clock.now()), signal);
  const { result: check } = await waitUntilHolds(when, checkContext(play, measured, signal), {
    within: real(play, when.within),
    clock,
    every: pace(play, intervals.effect),
  });
  if (!check.holds) log.append({ type: 'step-left-out', fault: id, check });
  return check.holds;
}

/** Makes operations, each at its time since the injection, and waits for the effects of the faults that they make. */
async function makeInTime(
  play: Play,
  measured: Measured,
  hold: Hold,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, state } = play;
  const { scenario } = measured;
  const begun = state().injectedAt ?? clock.now();
  for (const operation of operations) {
    await clock.sleep(Math.max(0, begun + operation.afterMs - clock.now()), signal);
    try {
      await apply([{ ...operation, afterMs: 0 }], hold.engine(signal));
    } catch (error) {
      if (operation.role === undefined || signal.aborted) throw error;
      const seen = describeError(error);
      log.append({ type: 'operation-verified', id: operation.id, verdict: 'mismatch', seen });
    }
    const isLast = operations.findLast(({ fault }) => fault === operation.fault) === operation;
    const fault = scenario.faults.find(({ id }) => id === operation.fault);
    if (fault && isLast) await seeEffect(play, measured, fault, signal);
  }
}

/** Waits for what must show that a fault works, if there is such a thing. */
export async function seeEffect(
  play: Play,
  measured: Measured,
  { id, effect }: Pick<FaultUse, 'id' | 'effect'>,
  signal: AbortSignal,
): Promise<CheckResult | undefined> {
  if (!effect) return undefined;
  const { log, clock } = play;
  const { result: check, afterMs } = await waitUntilHolds(effect, checkContext(play, measured, signal), {
    within: allowed(effect.within, play.setup.speed),
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

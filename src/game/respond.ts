import { evaluateAll, evaluateOracle } from '../check/evaluate.ts';
import { formatDuration } from '../duration.ts';
import { describeError } from '../errors.ts';
import { watchChanges } from './change-watch.ts';
import { injectLater } from './inject.ts';
import { clusterPatience, heartbeatInterval, intervals, patience } from './intervals.ts';
import { OracleWatch } from './oracle-watch.ts';
import { checkContext, enter, type Outcome, type Play, pace, real } from './play.ts';
import { manyListeners, poll } from './poll.ts';
import { repeatSteps } from './repeat.ts';
import { turnGaps } from './turns.ts';

/** What the phase hands out while it goes on. */
export interface Responding {
  /** Takes a claim; resolves when it is decided. */
  claim(who: string): Promise<boolean>;
  /** Resolves when the game is over. */
  outcome: Promise<Outcome>;
}

/** Lets people respond until the game is won, lost or called off. `signal` calls it off: its reason says why. */
export function respond(play: Play, heartbeat: () => Promise<void>): Responding {
  enter(play, 'respond');
  const { scenario, log, clock, health, signal } = play;
  const over = manyListeners();
  const context = checkContext(play, over.signal);
  const oracle = new OracleWatch({
    evaluate: async () => [...(await evaluateOracle(scenario.oracle, context)).checks, ...turnGaps(play)],
    sustained: real(play, scenario.oracle.sustained),
    unclaimed: real(play, patience.unclaimed),
    interval: pace(play, intervals.oracle),
    log,
    clock,
  });
  let end: (ending: Outcome['ending'], why: string) => void = () => {};
  const outcome = new Promise<Outcome>((resolve) => {
    end = (ending, why) => resolve({ ending, why });
  }).finally(async () => {
    over.abort();
    oracle.dismiss();
    // A write that is under way must have its end before the restore begins.
    await Promise.all(steps);
  });
  if (signal.aborted) end('aborted', reasonOf(signal));
  signal.addEventListener('abort', () => end('aborted', reasonOf(signal)), { once: true });
  const loop = (interval: number, task: () => Promise<void>) => {
    const guarded = async () => {
      try {
        await task();
      } catch (error) {
        if (!over.signal.aborted) end('aborted', `the game itself failed: ${(error as Error).message}`);
      }
    };
    void poll(clock, interval, over.signal, guarded);
  };
  const steps = [injectLater(play, over.signal), repeatSteps(play, over.signal)].map((step) =>
    step.catch((error: unknown) => {
      if (!over.signal.aborted) end('aborted', `a later step could not be made: ${describeError(error)}`);
    }),
  );
  const judge = () => {
    if (oracle.verdict) end('mitigated', oracle.verdict);
  };
  loop(pace(play, intervals.oracle), async () => {
    await oracle.look();
    judge();
  });
  loop(pace(play, intervals.abort), async () => {
    const harm = await lookForHarm(play, context);
    if (harm) end('aborted', harm);
  });
  loop(pace(play, intervals.deadline), async () => {
    if (log.failure) end('aborted', log.failure.message);
    const late = pastDeadline(play, oracle.hasPendingClaim);
    if (late) end(late.ending, late.why);
  });
  loop(heartbeatInterval, async () => {
    await health.watch('cluster', over.signal, heartbeat);
    if (play.setup.isGone?.()) return end('aborted', 'the sandbox has ended');
    const silent = health.failingFor('cluster');
    if (silent > clusterPatience)
      end('aborted', `the API server did not answer for ${Math.round(silent / 1000)} s`);
  });
  void watchChanges({
    cluster: play.setup.cluster,
    namespaces: play.setup.namespaces,
    clock,
    own: play.ownWrites,
    recorded: () =>
      (play.ledger?.entries ?? []).flatMap((entry) => (entry.type === 'responder' ? [entry.preimage] : [])),
    report: (action) => log.append({ type: 'action-seen', action }),
    signal: over.signal,
  });
  const claim = async (who: string) => {
    const accepted = await oracle.claim(who);
    judge();
    return accepted;
  };
  return { claim, outcome };
}

/** Why the game must be aborted for the sake of what is outside the target; undefined if nothing is. */
async function lookForHarm(
  { scenario, log }: Play,
  context: Parameters<typeof evaluateAll>[1],
): Promise<string | undefined> {
  if (scenario.abort.length === 0) return undefined;
  const checks = await evaluateAll(scenario.abort, context);
  log.append({ type: 'abort-checked', checks });
  const harm = checks.find((check) => check.holds);
  return harm && `the abort check ${harm.id} holds: ${harm.seen}`;
}

/** By wall time: a laptop that sleeps does not stop a fault in the cluster. */
function pastDeadline(play: Play, claimed: boolean): Outcome | undefined {
  const { clock, scenario, state } = play;
  const { injectedAt = clock.now() } = state();
  const gone = clock.now() - injectedAt;
  if (play.faultEndsAt !== undefined && clock.now() >= play.faultEndsAt) {
    return { ending: 'expired', why: 'the fault ended by itself' };
  }
  // A claim made in time is decided before the time is up.
  const timeout = real(play, scenario.timeout) + (claimed ? real(play, scenario.oracle.sustained) : 0);
  if (gone < timeout) return undefined;
  return { ending: 'timed-out', why: timeIsUp(scenario.timeout, play.setup.speed) };
}

/** As the scenario says it, and what that is at the speed of the game. */
function timeIsUp(timeout: number, speed: number): string {
  const written = `${formatDuration(timeout)} of the scenario`;
  return speed === 1
    ? `${written} were over`
    : `${written} were over, ${formatDuration(Math.round(timeout / speed / 1000) * 1000)} at speed ${speed}`;
}

export function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}

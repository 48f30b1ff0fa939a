import { evaluateAll, evaluateOracle } from '../../check/evaluate.ts';
import { leaseRef } from '../../cluster/access/lease.ts';
import { describeError } from '../../errors.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { formatDuration } from '../../words/duration.ts';
import { clusterPatience, heartbeatInterval, intervals, patience } from '../intervals.ts';
import { checkContext, enter, type Measured, type Outcome, type Play, pace, real } from '../play.ts';
import { watchChanges } from '../watch/change-watch.ts';
import { OracleWatch } from '../watch/oracle-watch.ts';
import { manyListeners, poll } from '../watch/poll.ts';
import type { Hold } from './hold.ts';
import { type Injected, injectLater } from './inject.ts';
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
export function respond(play: Play, game: Measured & Injected, hold: Hold): Responding {
  enter(play, 'respond');
  const { setup, log, clock, health, signal } = play;
  const { scenario, turns } = game;
  const over = manyListeners();
  const context = checkContext(play, game, over.signal);
  const oracle = new OracleWatch({
    evaluate: async () => [
      ...(await evaluateOracle(scenario.oracle, context)).checks,
      ...turnGaps(play, scenario, turns),
    ],
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
  const steps = [injectLater, repeatSteps]
    .map((begin) => begin(play, game, hold, over.signal))
    .map((step) =>
      step.catch((error: unknown) => {
        if (!over.signal.aborted)
          end('aborted', `a later fault could not be injected: ${describeError(error)}`);
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
    const harm = await lookForHarm(play, scenario, context);
    if (harm) end('aborted', harm);
  });
  loop(pace(play, intervals.deadline), async () => {
    if (log.failure) end('aborted', log.failure.message);
    const late = pastDeadline(play, game, oracle.hasPendingClaim);
    if (late) end(late.ending, late.why);
  });
  loop(heartbeatInterval, async () => {
    await health.watch('cluster', over.signal, async () => {
      await setup.cluster.get(leaseRef(), over.signal);
    });
    if (setup.isGone?.()) return end('aborted', 'the sandbox stopped');
    const silent = health.failingFor('cluster');
    if (silent > clusterPatience)
      end('aborted', `the API server did not answer for ${Math.round(silent / 1000)} s`);
  });
  void watchChanges({
    cluster: setup.cluster,
    namespaces: setup.namespaces,
    clock,
    own: play.ownWrites,
    recorded: () =>
      (hold.ledger?.entries ?? []).flatMap((entry) => (entry.type === 'responder' ? [entry.preimage] : [])),
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
  { log }: Play,
  scenario: Scenario,
  context: Parameters<typeof evaluateAll>[1],
): Promise<string | undefined> {
  if (scenario.abort.length === 0) return undefined;
  const checks = await evaluateAll(scenario.abort, context);
  log.append({ type: 'abort-checked', checks });
  const harm = checks.find((check) => check.holds);
  return harm && `the abort check ${harm.id} holds: ${harm.seen}`;
}

/** By wall time: a laptop that sleeps does not stop a fault in the cluster. */
function pastDeadline(
  play: Play,
  { scenario, faultEndsAt }: Measured & Injected,
  claimed: boolean,
): Outcome | undefined {
  const { clock, state } = play;
  const { injectedAt = clock.now() } = state();
  const gone = clock.now() - injectedAt;
  if (faultEndsAt !== undefined && clock.now() >= faultEndsAt) {
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
    ? `${written} ran out`
    : `${written} ran out, ${formatDuration(Math.round(timeout / speed / 1000) * 1000)} at speed ${speed}`;
}

export function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}

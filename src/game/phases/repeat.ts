import { sideBySide } from '../../at-once.ts';
import { persist } from '../../cluster/wait/persist.ts';
import { describeError } from '../../errors.ts';
import { apply } from '../../fault/apply/apply.ts';
import type { Operation } from '../../fault/operation.ts';
import { endTurn, lookAtTurn, lookBeforeTurn, turnOf } from '../../fault/revert/turn.ts';
import { type Measured, type Play, real } from '../play.ts';
import type { Hold } from './hold.ts';
import { type Injected, seeEffect } from './inject.ts';
import { beginTurn, type Repeating, repeatingOf } from './turns.ts';

/**
 * Lets the steps with `repeat` come and go while people respond. Resolves when none comes again; throws what keeps a
 * fault from coming or going, while the same of a decoy is only told.
 */
export async function repeatSteps(
  play: Play,
  game: Measured & Injected,
  hold: Hold,
  signal: AbortSignal,
): Promise<void> {
  const { log } = play;
  const { scenario, turns } = game;
  const over = (fault: string, why: string) => {
    turns.delete(fault);
    log.append({ type: 'repeat-over', fault, why });
  };
  const repeating = repeatingOf(scenario).map((step) => async (until: AbortSignal) => {
    try {
      over(step.id, await repeatStep(play, game, hold, step, until));
    } catch (error) {
      if (step.role === undefined || until.aborted) throw error;
      over(step.id, describeError(error));
    }
  });
  await sideBySide(repeating, signal);
}

/** Gives why it does not come again; goes on until then, or until the signal. */
async function repeatStep(
  play: Play,
  game: Measured & Injected,
  hold: Hold,
  step: Repeating,
  signal: AbortSignal,
): Promise<string> {
  const { clock, log, state } = play;
  const { turns } = game;
  const { id, after, repeat } = step;
  const operations = game.repeated.filter(({ fault }) => fault === id);
  const engine = hold.engine(signal);
  const first = (state().injectedAt ?? clock.now()) + real(play, after);
  const every = real(play, repeat.every);
  let slot = 0;
  let before: Operation[] | undefined;
  for (let turn = 1; ; turn += 1) {
    const own = turnOf(operations, turn);
    if (turn > 1 || after > 0) {
      await clock.sleep(Math.max(0, first + slot * every - clock.now()), signal);
      if (before) {
        const previous = before;
        const found = await persist(engine, () => lookBeforeTurn(previous, engine));
        if (!found.holds) return found.seen;
      }
      await apply(own, engine);
      beginTurn(play, turns, step, turn);
      if (turn === 1) await seeEffect(play, game, step, signal);
    }
    const { until = 0 } = turns.get(id) ?? {};
    await clock.sleep(Math.max(0, until - clock.now()), signal);
    // From here on until the next one nothing can be told.
    turns.set(id, { isOn: false, until, showsAt: 0 });
    const there = await lookAtTurn(own, engine);
    if (!there.holds) return there.seen;
    const undone = await persist(engine, () => endTurn(own, engine));
    if (!undone.holds) return undone.seen;
    log.append({ type: 'turn-ended', fault: id, turn });
    if (turn === repeat.times) return `its ${turn} turns are over`;
    before = own;
    // A machine that slept, or an undoing that took long: turns that were missed are not made up for.
    slot = Math.max(slot + 1, Math.ceil((clock.now() - first) / every));
  }
}

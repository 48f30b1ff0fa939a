import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare.ts';
import { revert } from '../../../src/fault/revert.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { planFor, startTestGame, type TestGame } from '../game.ts';

/** A control plane of the test file's own, on which faults are tried one after another. */
export interface Bench {
  plane: ControlPlane;
  cluster: Cluster;
  game: TestGame;
  plan(fault: Record<string, unknown>): ReturnType<typeof planFor>;
  /** Plans and applies a fault; every operation must be confirmed. */
  break(fault: Record<string, unknown>): Promise<void>;
  /** A game anew: a ledger is for one. */
  again(): Promise<void>;
  /** Reverts, and expects that nothing differs from before. */
  mend(): Promise<void>;
}

/** Sets it up before all tests of the file, with a game for each. */
export function bench(options: Parameters<typeof startControlPlane>[0] = {}): Bench {
  const state = {} as Bench & { before: Baseline };
  const baseline = () => takeBaseline(state.cluster, ['shop', 'batch'], { clock: realClock });
  beforeAll(async () => {
    state.plane = await startControlPlane(options);
    state.cluster = state.plane.cluster;
  });
  afterAll(() => state.plane.close());
  beforeEach(async () => {
    state.game = await startTestGame(state.cluster);
    state.before = await baseline();
  });
  afterEach(() => state.game.end());
  return Object.assign(state, {
    plan: (fault: Record<string, unknown>) => planFor(state.cluster, { example: fault }),
    async break(fault: Record<string, unknown>) {
      const plan = await planFor(state.cluster, { example: fault });
      await apply(plan.operations, state.game.engine);
      const verdicts = state.game.events.flatMap((event) =>
        event.type === 'operation-verified' ? [`${event.verdict}: ${event.seen}`] : [],
      );
      expect(verdicts.filter((verdict) => !verdict.startsWith('confirmed'))).toEqual([]);
      expect(verdicts).toHaveLength(plan.operations.length);
    },
    async again() {
      await state.game.end();
      state.game = await startTestGame(state.cluster);
    },
    async mend() {
      const { game } = state;
      expect(await revert(game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
      expect(compare(state.before, await baseline())).toEqual([]);
    },
  });
}

import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { realClock } from '../../src/clock.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { apply } from '../../src/fault/apply/apply.ts';
import { type Baseline, compare, takeBaseline } from '../../src/fault/compare/compare.ts';
import type { LedgerHead } from '../../src/fault/ledger/entry.ts';
import type { Plan } from '../../src/fault/plan/plan.ts';
import { revert } from '../../src/fault/revert/revert.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { planFor, startTestGame, type TestGame } from './game.ts';

/** A control plane of the test file's own, on which faults are tried one after another. */
export interface Bench {
  plane: ControlPlane;
  cluster: Cluster;
  game: TestGame;
  /** How the cluster was before the test. */
  before: Baseline;
  plan(fault: Record<string, unknown>): Promise<Plan>;
  /** Plans and applies faults, by their names. */
  begin(faults: Record<string, Record<string, unknown>>): Promise<Plan>;
  /** Plans and applies a fault; every operation must be confirmed. */
  break(fault: Record<string, unknown>): Promise<void>;
  /** A game anew: a ledger is for one. */
  again(head?: Partial<LedgerHead>): Promise<void>;
  /** What is not as it was before the test. */
  differences(): Promise<string[]>;
  /** Reverts, and expects that nothing differs from before. */
  mend(): Promise<void>;
}

/** Sets it up before all tests of the file, with a game for each. */
export function bench(options: Parameters<typeof startControlPlane>[0] = {}): Bench {
  const state = {} as Bench;
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
  const begin: Bench['begin'] = async (faults) => {
    const plan = await planFor(state.cluster, faults);
    await apply(plan.operations, state.game.engine);
    return plan;
  };
  const differences = async () => compare(state.before, await baseline());
  return Object.assign(state, {
    begin,
    differences,
    plan: (fault: Record<string, unknown>) => planFor(state.cluster, { example: fault }),
    async break(fault: Record<string, unknown>) {
      const plan = await begin({ example: fault });
      const verdicts = state.game.events.flatMap((event) =>
        event.type === 'operation-verified' ? [`${event.verdict}: ${event.seen}`] : [],
      );
      expect(verdicts.filter((verdict) => !verdict.startsWith('confirmed'))).toEqual([]);
      expect(verdicts).toHaveLength(plan.operations.length);
    },
    async again(head: Partial<LedgerHead> = {}) {
      await state.game.end();
      state.game = await startTestGame(state.cluster, head);
    },
    async mend() {
      const restored = await revert(state.game.engine, { undoResponder: true });
      expect(restored).toEqual({ differences: [], conflicts: [] });
      expect(await differences()).toEqual([]);
    },
  });
}

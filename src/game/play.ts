import type { Baseline } from '../check/baseline.ts';
import type { CheckContext } from '../check/evaluate.ts';
import type { Clock } from '../clock.ts';
import type { MisfortuneError } from '../errors.ts';
import type { GameLease } from '../fault/lease.ts';
import type { Ledger } from '../fault/ledger.ts';
import type { LedgerPair } from '../fault/ledger-pair.ts';
import type { Operation } from '../fault/operation.ts';
import type { Ending, Phase } from '../log/events.ts';
import type { GameFolder } from '../log/folder.ts';
import type { GameLog } from '../log/log.ts';
import type { GameState } from '../log/state.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { Scenario } from '../scenario/schema.ts';
import type { AlertWatch } from './alert-watch.ts';
import { paceOf } from './intervals.ts';
import type { Mailbox } from './mailbox/serve.ts';
import type { OwnWrites } from './own-writes.ts';
import type { Health } from './poll.ts';
import type { GameSetup } from './setup.ts';
import type { Turn } from './turns.ts';

/** One running game: what its phases share. The log is the memory; only what cannot be logged is kept here. */
export interface Play {
  readonly setup: GameSetup;
  readonly folder: GameFolder;
  readonly log: GameLog;
  readonly clock: Clock;
  readonly health: Health;
  readonly alerts: AlertWatch;
  /** Fires when the game must end early; its reason is an Error that says why. */
  readonly signal: AbortSignal;
  state(): GameState;
  /** Ends the game early, wherever it is. The first reason wins. */
  abort(reason: Error): void;
  /** With params as far as known; measured ones stand in until the baseline phase has measured them. */
  scenario: Scenario;
  playbook: Playbook;
  baseline: Baseline;
  /** There from the moment before the first change. */
  ledger: Ledger | undefined;
  /** The same, if it is in two places. */
  copy: LedgerPair | undefined;
  /** The door to responders on other machines, if the game has one. */
  mailbox: Mailbox | undefined;
  /** Held from before the first change until all is restored. */
  lease: GameLease | undefined;
  /** Why the Lease is no longer ours: nothing may be written before it is taken again. */
  leaseLost: MisfortuneError | undefined;
  /** Wall ms at which the first operation ends without anyone's help. */
  faultEndsAt: number | undefined;
  /** Operations that are still to come, while people respond; in order. */
  later: readonly Operation[];
  /** Operations of the steps that come and go, as their first turn makes them. */
  repeated: readonly Operation[];
  /** What the game itself wrote: no deed of anybody's. */
  readonly ownWrites: OwnWrites;
  /** How these stand, by the step's id; one that does not come again is not in it. */
  readonly turns: Map<string, Turn>;
}

/** How a game ended, and why in one sentence. */
export interface Outcome {
  ending: Ending;
  why: string;
}

export function enter(play: Play, phase: Phase): void {
  play.log.append({ type: 'phase-entered', phase });
}

export function checkContext(play: Play, signal: AbortSignal): CheckContext {
  const { cluster, monitoring } = play.setup;
  return { cluster, prometheus: monitoring.prometheus, baseline: play.baseline, signal };
}

/** A duration of a document or of `patience`, ms → real ms at the speed of this game. */
export function real(play: Play, ms: number): number {
  return ms / play.setup.speed;
}

/** A sampling interval in real ms. */
export function pace(play: Play, interval: number): number {
  return paceOf(interval, play.setup.speed);
}

import type { Acting, Baseline, CheckContext } from '../check/kind.ts';
import type { Clock } from '../clock.ts';
import { stockImage } from '../cluster/our-pod.ts';
import type { Ending, Phase } from '../log/events.ts';
import type { GameFolder } from '../log/folder.ts';
import type { GameLog } from '../log/log.ts';
import type { GameState } from '../log/state.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { Scenario } from '../scenario/schema.ts';
import { paceOf } from './intervals.ts';
import type { GameSetup } from './start/setup.ts';
import type { AlertWatch } from './watch/alert-watch.ts';
import type { OwnWrites } from './watch/own-writes.ts';
import type { Health } from './watch/poll.ts';

/** One running game: what its phases share. What a phase found out it gives to the conductor, who hands it on. */
export interface Play {
  readonly setup: GameSetup;
  readonly folder: GameFolder;
  readonly log: GameLog;
  readonly clock: Clock;
  readonly health: Health;
  readonly alerts: AlertWatch;
  /** How checks do more than read. */
  readonly acting: Acting;
  /** What the game itself wrote: no deed of anybody's. */
  readonly ownWrites: OwnWrites;
  /** Fires when the game must end early; its reason is an Error that says why. */
  readonly signal: AbortSignal;
  state(): GameState;
  /** Ends the game early, wherever it is. The first reason wins. */
  abort(reason: Error): void;
}

/** What a game is about, its params filled in: measured ones stand as 1 until the baseline phase has measured them. */
export interface Documents {
  readonly scenario: Scenario;
  /** Its roles bound as the scenario says. */
  readonly playbook: Playbook;
}

/** What the baseline phase gives: the documents as measured, and what checks compare with. */
export interface Measured extends Documents {
  readonly baseline: Baseline;
}

/** How a game ended, and why in one sentence. */
export interface Outcome {
  ending: Ending;
  why: string;
}

export function enter(play: Play, phase: Phase): void {
  play.log.append({ type: 'phase-entered', phase });
}

export function checkContext(
  { setup, ownWrites, acting }: Play,
  { baseline }: Measured,
  signal: AbortSignal,
): CheckContext {
  const { cluster, monitoring } = setup;
  const { prometheus, alertmanager } = monitoring;
  return { cluster: ownWrites.through(cluster), prometheus, alertmanager, baseline, acting, signal };
}

/** How checks that make pods of ours, delete pods or send requests go about it. */
export function actingOf({
  namespaces,
  clock,
  programs,
}: Pick<GameSetup, 'namespaces' | 'clock' | 'programs'>): Acting {
  return { namespaces, clock, pods: { image: stockImage, ...programs }, memory: new Map(), made: new Map() };
}

/** A duration of a document or of `patience`, ms → real ms at the speed of this game. */
export function real(play: Play, ms: number): number {
  return ms / play.setup.speed;
}

/** A sampling interval in real ms. */
export function pace(play: Play, interval: number): number {
  return paceOf(interval, play.setup.speed);
}

import type { ConductorAddress, Declaration, DeclarationAnswer, GameInfo } from '../game/api/protocol.ts';
import type { ClusterLine } from '../game/game-master.ts';
import type { GameEvent } from '../log/events.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { DashLine } from './dash/lines.ts';

export type { ClusterLine };

/** One entry of the wheel; nothing of it gives the failure away. */
export interface WheelEntry {
  /** How the game is asked for; never shown. */
  name: string;
  title: string;
  /** 1 … 5 */
  difficulty: number;
  /** Probability in [0, 1]. */
  weight: number;
  /** Wall ms; undefined: never played. */
  lastPlayed?: number;
}

export interface PastGame {
  id: string;
  title: string;
  scenario: string;
  at: number;
  ending: string;
  /** ms */
  length: number;
  /** The cluster is as it was before: put back, or never changed. */
  restored: boolean;
}

export interface StartStep {
  component: string;
  done: number;
  total: number;
  detail?: string;
}

/** A finished game as the debrief shows it: heading, then lines with their meaning. */
export interface Debrief {
  heading: string;
  lines: DashLine[];
}

/** One running game. */
export interface RunningGame {
  address: ConductorAddress;
  /** With its roles bound; for the game master's eyes. */
  playbook: Playbook;
  info(): Promise<GameInfo>;
  /** Calls back for every event so far and to come, until the signal aborts. */
  follow(listener: (event: GameEvent) => void, signal: AbortSignal): Promise<void>;
  declare(declaration: Declaration): Promise<DeclarationAnswer>;
  origins(prefix: string): Promise<string[]>;
  /** Lines of a dashboard, fetched through a recorder so that it counts as seen. */
  dashboard(uid: string, width: number): Promise<DashLine[]>;
  /** Lines of the playbook of this name, as far as they give nothing away; it counts as read. */
  readPlaybook(name: string, width: number): Promise<DashLine[]>;
  /** Opens the recorded shell in this terminal; resolves when the person leaves it. */
  shell(): Promise<void>;
  /** Resolves to the exit code (src/errors.ts) when the conductor's process has ended. */
  ended(): Promise<number>;
}

/** What the screens ask for. The command line wires it; tests give a small real one. */
export interface Backend {
  /** Brings the cluster up (a sandbox is started, a real one is checked). */
  start(onStep: (step: StartStep) => void, signal: AbortSignal): Promise<ClusterLine>;
  /** How the cluster stands now. */
  cluster(signal: AbortSignal): Promise<ClusterLine>;
  wheel(): WheelEntry[];
  /** An index of `wheel()`, drawn by weight. */
  draw(): number;
  /** Ids of games that ended without restoring the cluster. */
  unrestored(): string[];
  recover(onLine: (line: string) => void): Promise<void>;
  /** Prepares a game; `signal` calls that off, and it rejects once nothing of it runs. */
  play(entry: WheelEntry, signal: AbortSignal): Promise<RunningGame>;
  pastGames(): PastGame[];
  debrief(game: string, width: number): Promise<Debrief>;
  /** Paths of what was written. */
  report(game: string): Promise<string[]>;
  now(): number;
}

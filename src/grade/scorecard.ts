import type { Ending } from '../log/events.ts';
import type { AlertsGrade } from './alerts/alerts.ts';
import type { DashboardsGrade } from './dashboards/dashboards.ts';
import type { Finding } from './finding.ts';
import type { PlaybookGrade } from './playbook/playbook.ts';
import type { Impact } from './response/impact.ts';
import type { ResponseGrade } from './response/response.ts';

/**
 * The graded result of a game: what its alerts, dashboards and playbook were worth. Plain data (scorecard.json).
 * Durations and moments are real milliseconds, moments counted from the injection; nothing in it ranks a person.
 */
export interface Scorecard {
  version: 1;
  played: true;
  game: GameHead;
  /** What was broken: a line for each change of the game, decoys apart. */
  broke: string[];
  /** How many changes of the game were reverted, and each object of which a responder's change was undone. */
  putBack: { faults: number; changes: string[] };
  /** Undefined: no live signal with an objective was sampled. */
  impact?: Impact;
  /** What to change first, in this order. */
  findings: Finding[];
  alerts: AlertsGrade;
  dashboards: DashboardsGrade;
  playbook: PlaybookGrade;
  response: ResponseGrade;
  /** What could not be looked at, and why: never counted as missed. */
  notObserved: string[];
}

/** In the place of a scorecard where nobody came to respond: nothing was tested, so nothing is graded. */
export interface Unplayed {
  version: 1;
  played: false;
  /** Whether a change of the cluster was begun; if so, it was restored. */
  touched: boolean;
  /** What it was stays a secret: it can be played another time. */
  game: Omit<GameHead, 'debrief'>;
}

export interface GameHead {
  id: string;
  scenario: string;
  title: string;
  owner: string;
  cluster: string;
  player: string;
  /** Wall time of the injection, ms since epoch; of the creation where nothing was injected. */
  injectedAt: number;
  /** Durations of documents (within, sustained, timeout) were divided by it. */
  speed: number;
  ending: Ending | 'unknown';
  why: string;
  /** From the injection to the end, ms. */
  lengthMs: number;
  /** Undefined: restoring was not verified. */
  /** `left`: what differs and is left to somebody else, who looks after it now, or was put back and is not ready yet. */
  restored?: { differences: number; conflicts: number; left?: string[] };
  debrief: string;
}

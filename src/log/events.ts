import type { Action } from '../recorder/action.ts';

/**
 * Everything that happens in a game, as the append-only log keeps it (log.jsonl, one JSON object a line).
 * State is a pure reduction of these; screens, scorecard and report read state only. Who may see which: audience.ts.
 */
export type GameEvent = EventHead & EventBody;

export interface EventHead {
  v: 1;
  /** 1, 2, 3 … without gaps. */
  seq: number;
  /** Wall time, ms since epoch. */
  at: number;
  /** Monotonic ms since the game was created. */
  mono: number;
}

export type Phase = 'draw' | 'brief' | 'baseline' | 'inject' | 'respond' | 'ended' | 'restore' | 'debrief';

export type Ending =
  | 'mitigated'
  | 'timed-out'
  | 'aborted'
  | 'expired'
  | 'restored-by-guardian'
  | 'not-started';

/** One evaluation of a check; `seen` is the value in words, e.g. "1.94 s (expected below 250 ms)". */
export interface CheckResult {
  id: string;
  holds: boolean;
  seen: string;
  /** The number behind `seen`, if there is one. */
  value?: number;
  /** The data was not there (no series, no answer): then `holds` is false, but not because of the stack. */
  gap?: boolean;
}

/** Among what a game waits for: alerts of the scenario that are on before anything is broken. */
export const alertsLeftOver = 'alerts-left-over';

/** Among what a game waits for: samples of the quiet before it, where Prometheus has only just started. */
export const monitoringIsYoung = 'monitoring-is-young';

/** What people see of an operation; the operation itself is in the ledger. */
export interface OperationSummary {
  id: string;
  fault: string;
  verb: 'create' | 'patch' | 'delete' | 'run';
  /** kind[.group]/namespace/name */
  ref: string;
  /** One line: "set data.upstreams.yaml: one entry to a dead address". */
  describe: string;
  reverts: 'reverts' | 'heals' | 'lasting';
  /** Not what is wrong: only near it, or going on besides. */
  role?: 'decoy' | 'noise';
}

export type Verdict = 'confirmed' | 'mismatch' | 'inconclusive';

/** A service-level indicator or golden signal drawn live: taken from the scenario's steady state and the stack. */
export interface SignalSample {
  id: string;
  value: number | null;
}

/** A time in which somebody broke something: neither a baseline nor quiet. Wall ms. */
export interface EarlierGame {
  game: string;
  from: number;
  until: number;
}

export type EventBody =
  | {
      type: 'game-created';
      game: string;
      scenario: string;
      title: string;
      difficulty: number;
      briefing: string;
      owner: string;
      playbook: string;
      /** Seconds until time-out. */
      timeout: number;
      /** Number of hints there are. */
      hints: number;
      sandbox: boolean;
      cluster: string;
      speed: number;
      seed: number;
      player: string;
      version: string;
      /** Live signals on the screen: id, title, unit, objective. */
      signals: {
        id: string;
        title: string;
        unit: string;
        objective?: { below?: number; above?: number };
        query: string;
      }[];
      dashboards: { uid: string; title: string }[];
      /** Where people open the monitoring in a browser, without credentials; undefined: not known. */
      links?: { prometheus?: string; grafana?: string };
    }
  | { type: 'phase-entered'; phase: Phase }
  /** The steady state does not hold yet: the game begins when it does. */
  | { type: 'steady-state-awaited'; unmet: CheckResult[] }
  | {
      type: 'baseline-taken';
      checks: CheckResult[];
      alertsFiring: string[];
      /** The same with their labels: another instance of such an alert is not on yet. */
      firing?: { name: string; labels: Record<string, string> }[];
      from: number;
      until: number;
    }
  | { type: 'plan-made'; operations: OperationSummary[]; permissions: string[]; blastRadius: string[] }
  | { type: 'operation-recorded'; id: string }
  | { type: 'operation-applied'; id: string }
  | { type: 'operation-verified'; id: string; verdict: Verdict; seen: string }
  /** The team's channel was told, before anything was touched or after all was put back; `host` took it. */
  | { type: 'announced'; moment: 'beginning' | 'ending'; host: string }
  /** All faults of the beginning are made; `since` is when the first change was, wall ms (missing in older logs). */
  | { type: 'injected'; since?: number }
  | { type: 'effect-seen'; fault: string; check: CheckResult; afterMs: number }
  | { type: 'no-effect'; fault: string; check: CheckResult; afterMs: number }
  /** A fault or decoy whose condition did not come to hold in time: it was not made. */
  | { type: 'step-left-out'; fault: string; check: CheckResult }
  /** A fault or decoy that comes and goes is there again; turns are 1, 2, 3 … `until`: when it is to be undone, wall ms. */
  | { type: 'turn-begun'; fault: string; turn: number; until: number }
  /** And was undone after its time. */
  | { type: 'turn-ended'; fault: string; turn: number }
  /** It does not come again: somebody took in hand what it changes, or that were its times. */
  | { type: 'repeat-over'; fault: string; why: string }
  | { type: 'signals-sampled'; samples: SignalSample[] }
  | {
      type: 'alert-changed';
      name: string;
      labels: Record<string, string>;
      annotations: Record<string, string>;
      state: 'pending' | 'firing' | 'inactive';
      activeAt: number;
    }
  | { type: 'alert-notified'; name: string; labels: Record<string, string>; receivers: string[] }
  /** Alertmanager holds it back: it fires and nobody is told. */
  | {
      type: 'alert-suppressed';
      name: string;
      labels: Record<string, string>;
      silencedBy: string[];
      inhibitedBy: string[];
      /** Time intervals that mute it; Alertmanagers before 0.28 do not tell. */
      mutedBy?: string[];
    }
  /** Who made a silence that holds an alert back, as Alertmanager tells; wall ms. Told again when it changes. */
  | {
      type: 'silence-seen';
      id: string;
      createdBy: string;
      comment: string;
      startsAt: number;
      endsAt: number;
      matchers: string[];
    }
  /** Whether there is an Alertmanager, and its receivers without any integration: what goes there is told to nobody. */
  | { type: 'receivers-read'; configured: boolean; nowhere: string[] }
  /** Games on the same cluster before this one, from the injection until what they did was over; wall ms. */
  | { type: 'earlier-games-read'; games: EarlierGame[] }
  | { type: 'oracle-checked'; checks: CheckResult[]; holds: boolean; heldForMs: number }
  | { type: 'abort-checked'; checks: CheckResult[] }
  | { type: 'action-seen'; action: Action }
  | { type: 'preimage-kept'; sequence: number; ref: string; verb: string }
  | { type: 'responder-joined'; who: string }
  | { type: 'responder-left'; who: string }
  | { type: 'acknowledged'; who: string; alert?: string }
  | { type: 'noted'; who: string; text: string; step?: string }
  | { type: 'hint-taken'; who: string; index: number; text: string }
  | {
      type: 'diagnosed';
      who: string;
      origin?: string;
      mechanism?: string;
      /** Absent on a responder's stream until the debrief. */
      originRight?: boolean;
      mechanismRight?: boolean;
    }
  /** The claim is not refuted: it is decided (`claimed`) once the oracle has held for its window, or breaks. */
  | { type: 'claim-made'; who: string }
  | { type: 'claimed'; who: string; accepted: boolean; failing: CheckResult[] }
  | { type: 'nudged'; text: string }
  /** A part of the monitoring or the cluster stopped answering; until `monitor-back` there are gaps. */
  | { type: 'monitor-failed'; part: string; error: string }
  | { type: 'monitor-back'; part: string; afterMs: number }
  | { type: 'ended'; ending: Ending; why: string }
  | { type: 'operation-reverted'; id: string; verdict: Verdict; seen: string }
  | { type: 'responder-change-undone'; ref: string; outcome: 'undone' | 'kept' | 'conflict'; seen: string }
  /** `left`: what differs from before the game and is left to somebody else, who looks after it now. */
  | { type: 'restore-verified'; differences: string[]; conflicts: string[]; left?: string[] }
  | { type: 'recovered'; by: string }
  | { type: 'series-recorded'; file: string; queries: number; skipped: number }
  /** What a backtest takes. `skipped`: metrics and selectors that were left out. */
  | { type: 'samples-recorded'; file: string; series: number; samples: number; skipped: number }
  | { type: 'samples-not-recorded'; error: string }
  | { type: 'graded'; file: string }
  /** Grading was not possible; the game can be graded again from its folder. */
  | { type: 'not-graded'; error: string }
  /** The conductor is done and the log complete. `exitCode` as in src/errors.ts. */
  | { type: 'closed'; exitCode: number };

/** What a case proves; the words of `--only`. */
export const caseKinds = [
  'quiet',
  'playbook',
  'giveaway',
  'fixes',
  'renamed',
  'wrong-fixes',
  'left-out',
  'nothing',
] as const;
export type CaseKind = (typeof caseKinds)[number];

export interface CaseResult {
  scenario: string;
  kind: CaseKind;
  /** The fix, the step, or what else tells it from others of its kind. */
  name: string;
  /** `not-run`: it was to be proven, and validate ended before it was. */
  outcome: 'passed' | 'failed' | 'skipped' | 'not-run';
  /** Why it failed or was skipped, one sentence each; names the check, step or alert. */
  problems: string[];
  /** What was seen, one line each: for those who want to know why it passed. */
  evidence: string[];
  /** Real seconds. */
  seconds: number;
  /** Folder of the game that it was played in. */
  folder?: string;
  /** The alerts that fired because of the game, by name. */
  alerts?: FiredAlert[];
  /** Single commands that show what is broken and nothing else that is new. */
  giveaways?: number;
  /** It passed at this try only, from 2: before it had failed. Only runs that go on from a file of results know. */
  tries?: number;
}

export interface FiredAlert {
  name: string;
  /** Whether the scenario expects it (or another in its place), accepts it, or says nothing of it. */
  is: 'expected' | 'acceptable' | 'unexpected';
}

export interface ValidationReport {
  /** Every case was proven or skipped, and nothing is left. */
  passed: boolean;
  speed: number;
  /** Real seconds. */
  seconds: number;
  results: CaseResult[];
  /** It was called off: cases are missing. */
  interrupted: boolean;
  /** Cases that had passed in an earlier run and were not played again. */
  earlier?: number;
  /** The game that could not put the cluster back: nothing was played after it. */
  unrestored?: string;
  /** Why the cluster's channel could not be told that it is over. */
  untold?: string;
}

/** A case does not hold. */
export class CaseFailure extends Error {
  constructor(readonly problems: string[]) {
    super(problems.join('; '));
    this.name = 'CaseFailure';
  }
}

export function fail(...problems: string[]): never {
  throw new CaseFailure(problems);
}

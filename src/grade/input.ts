import type { GameState } from '../log/state.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { RuleFile } from '../rule-files.ts';
import type { Scenario } from '../scenario/schema.ts';
import type { RecordedSeries } from '../signal/recorded-series.ts';
import type { AlertRule, Dashboard, RecordingRule } from '../signal/series.ts';

/** The expression of a rule that is not loaded. */
export interface KnownRule {
  name: string;
  query: string;
}

/** Everything a grade is made of; all of it is in the folder of a game. */
export interface GradeInput {
  state: GameState;
  scenario: Scenario;
  /** With its roles bound. */
  playbook: Playbook;
  /**
   * Undefined: Prometheus did not tell them. `known`: what rules that have an expected alert's name said before, where
   * there is none now. `silent`: other evaluators that did not tell theirs.
   */
  rules?: { alerting: AlertRule[]; recording: RecordingRule[]; known?: KnownRule[]; silent?: string[] };
  /** Files in which rules are edited: what a fix is a diff of. */
  ruleFiles?: RuleFile[];
  dashboards: Dashboard[];
  /** Undefined: no series were recorded. */
  series?: RecordedSeries;
}

import type { Expr } from '../promql/ast.ts';

/** One rule of a rule file. Durations in ms. */
export interface RuleDefinition {
  readonly kind: 'alerting' | 'recording';
  readonly name: string;
  /** Undefined if the text is no PromQL: `problem` says why. */
  readonly expr: Expr | undefined;
  /** As in the file; used where `expr` is missing. */
  readonly text: string;
  /** `file:line:column: …` of what is wrong with this rule. */
  readonly problem: string | undefined;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroupDefinition {
  readonly name: string;
  readonly file: string;
  readonly intervalMs: number;
  readonly rules: readonly RuleDefinition[];
}

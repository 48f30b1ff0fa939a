import type { Expr } from '../promql/syntax/ast.ts';

/** One rule of a rule file. Durations in ms. */
export interface RuleDefinition {
  readonly kind: 'alerting' | 'recording';
  readonly name: string;
  readonly expr: Expr;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroupDefinition {
  readonly name: string;
  readonly file: string;
  readonly intervalMs: number;
  /** Expressions are evaluated for so long ago. */
  readonly queryOffsetMs: number;
  /** A rule that gives more series or alerts fails; 0: there is no limit. */
  readonly limit: number;
  readonly rules: readonly RuleDefinition[];
}

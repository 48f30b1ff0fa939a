export type Subject = 'alerts' | 'dashboards' | 'playbook' | 'response';

/** One thing to change or to keep; the subject of its sentence is an alert, a panel, a runbook or a tool. */
export interface Finding {
  subject: Subject;
  /** The alert, panel, step or metric it is about. */
  about: string;
  /** A gap costs the next incident time; an improvement saves some; good is worth keeping. */
  kind: 'gap' | 'improvement' | 'good';
  text: string;
  evidence: Evidence[];
  /** The time of the game that it is about, where it is about one: what it cost is counted in there. */
  span?: Span;
  cost?: Cost;
  fix?: Fix;
}

/** Moments in ms from the injection. */
export interface Span {
  from: number;
  until: number;
}

/** What the service went through in the span of a finding; never more than was measured. */
export interface Cost {
  /** Time outside an objective, ms. */
  impactMs: number;
  /** Mean share of customers who were not served in that time; undefined where no signal counts customers. */
  customersLost?: number;
}

/** A change that answers a finding, ready to be made. */
export interface Fix {
  kind: 'for' | 'threshold' | 'expression' | 'label' | 'annotation' | 'rename' | 'silence' | 'panel';
  /** What is changed: the name of the rule, the id of the silence, the metric that is on no panel. */
  of: string;
  /** As it is; undefined: not there yet. */
  from?: string;
  to: string;
  /** diff: with a head (`---`, `+++`) for `git apply` where `file` is set, else a sketch; promql: a query; sh: a command. */
  language: 'diff' | 'promql' | 'sh';
  text: string;
  /** The file that the diff was made against. */
  file?: string;
}

/** What was seen. */
export interface Evidence {
  /** ms from the injection. */
  at?: number;
  text: string;
  /** Who did or said it, where several took part. */
  who?: string;
}

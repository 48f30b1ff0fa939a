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
  /** A change of a rule or query, ready to be pasted. */
  change?: { language: 'diff' | 'promql'; text: string };
}

/** What was seen. */
export interface Evidence {
  /** ms from the injection. */
  at?: number;
  text: string;
  /** Who did or said it, where several took part. */
  who?: string;
}

import type { LabelSet } from '../tsdb/labels.ts';

/** An alert as a rule sees it. Times are ms since epoch. */
export interface ActiveAlert {
  readonly labels: LabelSet;
  annotations: Readonly<Record<string, string>>;
  state: 'pending' | 'firing';
  value: number;
  /** When the expression first held. */
  readonly activeAt: number;
  firedAt: number | undefined;
  /** When it stopped to hold while `keep_firing_for` keeps it firing. */
  keptSince: number | undefined;
}

/** What is handed to the alert manager: firing until `endsAt`, or resolved at it. */
export interface SentAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly generatorURL: string;
}

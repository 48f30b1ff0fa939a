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

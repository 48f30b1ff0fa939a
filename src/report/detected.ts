import type { ExpectedAlertGrade } from '../grade/alerts.ts';
import { duration } from '../grade/words.ts';

/** From the first symptom to firing: never 0 for an alert that did not fire, nothing for one that nobody could see. */
export function detected({ verdict, detectionMs, censoredMs, plusMinusMs }: ExpectedAlertGrade): string {
  if (verdict === 'not_observed') return '—';
  if (detectionMs === undefined) return `> ${duration(censoredMs)}`;
  return `${duration(detectionMs)} ± ${duration(plusMinusMs)}`;
}

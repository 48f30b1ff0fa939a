import { endTexts } from '../../grade/alerts/alert-end.ts';
import type { NotificationGroup } from '../../grade/alerts/alert-precision.ts';
import type { ExpectedAlertGrade } from '../../grade/alerts/alerts.ts';
import { duration } from '../../words/time.ts';

/** From the first symptom to firing: never 0 for an alert that did not fire, nothing for one that nobody could see. */
export function detected({ verdict, detectionMs, censoredMs, plusMinusMs }: ExpectedAlertGrade): string {
  if (verdict === 'not_observed' || verdict === 'on_before') return '—';
  if (detectionMs === undefined) return `> ${duration(censoredMs)}`;
  return `${duration(detectionMs)} ± ${duration(plusMinusMs)}`;
}

/** How long it fired on after the failure; for one that ended otherwise, how. */
export function resetText({ resetMs, ended, endedAfter }: ExpectedAlertGrade): string {
  if (resetMs !== undefined) return duration(resetMs);
  if (ended === undefined || ended === 'reset') return '—';
  return `${endTexts[ended]}${endedAfter === undefined ? '' : ` (the last change before: ${endedAfter})`}`;
}

/** Each time that something fired, in order. */
export function firings(groups: readonly NotificationGroup[]): NotificationGroup[] {
  return groups
    .flatMap((group) => group.rounds.map(({ at }) => ({ ...group, at })))
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
}

export function backgroundText(names: readonly string[]): string {
  return `Already firing before the failure, so not counted: ${names.join(', ')}.`;
}

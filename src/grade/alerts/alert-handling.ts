import type { AlertEpisode } from '../../log/alert-episodes.ts';
import { dashboardLink, isLinkTo, runbookLink, runbookOf } from '../../signal/annotations.ts';
import type { AlertRule } from '../../signal/series.ts';
import type { GradeInput } from '../input.ts';
import { weights } from '../weights.ts';

/** One thing that somebody who is called at night needs of an alert. */
export interface HandlingCheck {
  name: 'runbook' | 'summary' | 'description' | 'severity' | 'dashboard';
  holds: boolean;
  seen: string;
}

/** Whether the alert leads somewhere: by its rule, and by the texts as they were rendered. */
export function handlingOf(
  rule: AlertRule | undefined,
  episode: AlertEpisode | undefined,
  { playbook, dashboards }: GradeInput,
): HandlingCheck[] {
  const annotations = { ...rule?.annotations, ...episode?.annotations };
  const labels = { ...rule?.labels, ...episode?.labels };
  const name = rule?.name ?? episode?.name ?? '';
  const severity = labels.severity ?? '';
  const linked = dashboardLink(annotations);
  const known = dashboards.some(({ uid }) => linked !== undefined && isLinkTo(uid, linked));
  return [
    {
      name: 'runbook',
      holds: isRunbookOf(annotations, name, playbook),
      seen: runbookLink(annotations) ?? 'no runbook_url',
    },
    text('summary', annotations.summary),
    text('description', annotations.description),
    {
      name: 'severity',
      holds: severity !== '' && !weights.alerts.silentSeverities.includes(severity),
      seen: severity || 'no severity label',
    },
    // Whether the dashboard of a link is there can only be told where dashboards are.
    ...(linked && dashboards.length === 0
      ? []
      : [
          {
            name: 'dashboard' as const,
            holds: known,
            seen: linked ?? 'no link to a dashboard',
          },
        ]),
  ];
}

/** Words of an alert (labels and rendered texts) that name one of these objects, by whole word. */
export function namesIn(episode: AlertEpisode, names: readonly string[]): string[] {
  const texts = [...Object.values(episode.labels), ...Object.values(episode.annotations)];
  return names.filter((name) => {
    const word = new RegExp(`(^|[^\\w-])${escaped(name)}($|[^\\w-])`);
    return texts.some((one) => word.test(one));
  });
}

/** The last word of the URL is the playbook's name, and the playbook answers this alert. */
function isRunbookOf(
  annotations: Record<string, string>,
  alert: string,
  { name, answers }: GradeInput['playbook'],
): boolean {
  return runbookOf(annotations) === name && (answers.length === 0 || answers.includes(alert));
}

function text(name: 'summary' | 'description', value: string | undefined): HandlingCheck {
  if (!value) return { name, holds: false, seen: 'empty' };
  const broken = /<no value>|<error expanding template/.exec(value);
  return { name, holds: !broken, seen: value };
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

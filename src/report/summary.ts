import { unknownStatuses } from '../grade/dashboards/panels.ts';
import type { Subject } from '../grade/finding.ts';
import type { Scorecard } from '../grade/scorecard.ts';
import { percent, plural } from '../words/number.ts';
import { duration } from '../words/time.ts';

/** One line a subject: letter or score, and the sentence that matters most. */
export interface SubjectLine {
  subject: Subject;
  title: string;
  mark: string;
  text: string;
}

export function subjectLines(scorecard: Scorecard): SubjectLine[] {
  const { alerts, dashboards, playbook } = scorecard;
  return [
    { subject: 'alerts', title: 'Alerts', mark: alerts.letter, text: alertsText(scorecard) },
    {
      subject: 'dashboards',
      title: 'Dashboards',
      mark: dashboards.letter,
      text: dashboardsText(scorecard),
    },
    { subject: 'playbook', title: 'Playbook', mark: percent(playbook.score), text: playbookText(scorecard) },
    { subject: 'response', title: 'Response', mark: '', text: responseText(scorecard) },
  ];
}

function alertsText({ alerts }: Scorecard): string {
  const fired = alerts.expected.filter((one) => one.fired).length;
  const irrelevant = alerts.groups.filter(({ relevant }) => !relevant).length;
  const each = alerts.expected.map(({ name, text }) => `${name} ${text}`).join('; ');
  const noise = irrelevant === 0 ? '' : `; ${plural(irrelevant, 'irrelevant alert')}`;
  if (alerts.expected.length === 0) {
    return `${sentence(alerts.because ?? '')} ${plural(alerts.groups.length, 'alert')} fired.`;
  }
  const because = alerts.because ? ` ${sentence(alerts.because)}` : '';
  return `${fired} of ${alerts.expected.length} expected fired: ${each}${noise}.${because}`;
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function dashboardsText({ dashboards }: Scorecard): string {
  const { expected, boards, because } = dashboards;
  const seen = expected.filter(({ verdict }) => verdict === 'missing' || !unknownStatuses.includes(verdict));
  const showed = seen.filter(({ verdict }) => verdict === 'moved').length;
  const by = (verdict: string, isOwn = false) =>
    boards.filter((board) => board.verdict === verdict && (board.own || !isOwn)).map(({ uid }) => uid);
  const parts = [
    ...(because === undefined ? [] : [because]),
    ...(seen.length > 0 ? [`${showed} of ${seen.length} expected panels showed it`] : []),
    ...(seen.length > 0 && seen.length < expected.length
      ? [`${expected.length - seen.length} not observed`]
      : []),
    ...said('opened, and showed it', by('showed it')),
    ...said('not opened though they showed it', by('hard to find', true)),
    ...said('opened and flat', by('misled')),
  ];
  return sentence(parts.join('; '));
}

function said(what: string, boards: readonly string[]): string[] {
  return boards.length === 0 ? [] : [`${what}: ${boards.join(', ')}`];
}

function playbookText({ playbook }: Scorecard): string {
  const graded = playbook.steps.filter(({ optional, status }) => !optional && status !== 'not observable');
  const done = graded.filter(({ status }) => status === 'done' || status === 'early').length;
  const early = graded.filter(({ status }) => status === 'early').length;
  const parts = [
    `${done} of ${graded.length} steps`,
    ...(early > 0 ? [`${early} before ${early === 1 ? 'its' : 'their'} turn`] : done > 0 ? ['in order'] : []),
    ...(playbook.unplanned.length > 0 ? [plural(playbook.unplanned.length, 'unplanned change')] : []),
    ...(playbook.harmful.length > 0 ? [plural(playbook.harmful.length, 'harmful action')] : []),
    ...(playbook.undone.length > 0
      ? [`${plural(playbook.undone.length, 'change')} that took a step back`]
      : []),
    ...(playbook.outages.length > 1 ? [`${playbook.outages.length} outages`] : []),
    ...(playbook.hints.length > 0 ? [plural(playbook.hints.length, 'hint')] : []),
  ];
  return `${parts.join(', ')}.`;
}

function responseText({ response, game }: Scorecard): string {
  const at = (name: string) => response.times.find((one) => one.name === name)?.at;
  const shown: [string, string][] = [
    ['acknowledged', 'acknowledged'],
    ['diagnosed', 'right diagnosis'],
    ['mitigated', 'metrics recovered'],
    ['verified', 'verified'],
  ];
  const times = shown
    .flatMap(([name, title]) => {
      const value = at(name);
      return value === undefined ? [] : [{ value, text: `${title} ${duration(value)}` }];
    })
    .sort((a, b) => a.value - b.value)
    .map(({ text }) => text);
  const diagnosis = at('diagnosed') === undefined ? diagnosisText(response) : [];
  const unclaimed = response.endedUnclaimed ? ['ended without an accepted claim'] : [];
  return `${[firstFired(response.firstAlerts), ...times, ...diagnosis, ...unclaimed, ...(game.ending === 'mitigated' ? [] : [game.why])].join(' · ')}.`;
}

/** Where no diagnosis was right in both parts: what the last one was worth, and since when a part was right. */
function diagnosisText({ diagnosis }: Scorecard['response']): string[] {
  const last = diagnosis.tries.at(-1);
  if (!last) return [];
  const since = (verdict: string, part: string, at: number | undefined) =>
    at === undefined ? verdict : verdict.replace(`${part} right`, `${part} right at ${duration(at)}`);
  const { originRightAt, mechanismRightAt } = diagnosis;
  return [since(since(last.verdict, 'origin', originRightAt), 'mechanism', mechanismRightAt)];
}

function firstFired({ expected, other }: Scorecard['response']['firstAlerts']): string {
  if (expected) return `first expected alert fired ${duration(expected.at)}`;
  const first = other ? `first other alert: ${other.name}, ${duration(other.at)}` : 'nor any other';
  return `no expected alert fired (${first})`;
}

import type { Finding, Subject } from '../grade/finding.ts';
import type { Impact } from '../grade/response/impact.ts';
import type { Scorecard } from '../grade/scorecard.ts';
import { markdown as plain, proseMarkdown } from '../words/escape.ts';
import { markdownTable } from '../words/markdown-table.ts';
import { percent, quantity } from '../words/number.ts';
import { clock, duration, utc } from '../words/time.ts';
import { actionItems, actionsMarkdown } from './actions.ts';
import { timelineMarkdown } from './markdown.ts';
import type { Report } from './report.ts';
import { costText, nameOf, type StoryLine, storyOf } from './story.ts';
import { unplayedLines } from './unplayed.ts';

/** For what only those who took part can know. */
const prompt = (question: string) => `*${question}*\n\n* …………`;

/**
 * The game as a postmortem in the usual form, a draft to be completed. Blameless: it tells what alerts, panels, runbooks and
 * tools did. What nobody recorded is a question, never a text of ours.
 */
export function postmortemMarkdown({ input, scorecard }: Report): string {
  if (!scorecard.played) {
    return `# Postmortem: ${plain(scorecard.game.title)}\n\n${unplayedLines(scorecard).map(plain).join('\n')}\n`;
  }
  const { game } = scorecard;
  const story = (title: StoryLine['title']) =>
    proseMarkdown(storyOf(scorecard).find((line) => line.title === title)?.text ?? '');
  const good = scorecard.findings.filter(({ kind }) => kind === 'good');
  const sections = [
    `# Postmortem: ${plain(nameOf(scorecard))}`,
    `Game day on ${plain(game.cluster)}, ${utc(game.injectedAt)}; game ${plain(game.id)}, scenario ${plain(game.scenario)}, team ${plain(game.owner)}.\nThe failure was made on purpose. Draft: lines with ………… are to be filled in.`,
    '## Summary',
    `${story('What broke')}\n\n${story('Found and fixed')}\n\n${story('Put back')}`,
    '## Impact',
    story('Impact'),
    ...(scorecard.impact && scorecard.impact.signals.length > 0
      ? [impactTable(scorecard.impact, game.injectedAt)]
      : []),
    '## Detection',
    story('Notified'),
    '## Timeline',
    timelineMarkdown(input),
    '## Contributing causes',
    plain(game.debrief.trim()),
    ...list(
      toChange(scorecard, ['alerts', 'dashboards']),
      'Gaps of alerts and dashboards, with what the service went through meanwhile:',
    ),
    '## What went well',
    ...list(good, 'Recorded:'),
    prompt('What else helped?'),
    '## What was hard',
    ...list(toChange(scorecard, ['playbook', 'response']), 'Recorded:'),
    prompt('What else was hard to see, to decide or to do?'),
    '## Where we were lucky',
    ...luck(scorecard),
    prompt('What only happened to be so, and could have gone otherwise?'),
    '## What was learned',
    prompt('What does the team know now that it did not know before?'),
    '## Action items',
    actionsMarkdown(actionItems(scorecard)),
    ...(scorecard.notObserved.length > 0
      ? ['## Not observed', scorecard.notObserved.map((line) => `* ${proseMarkdown(line)}`).join('\n')]
      : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function impactTable({ signals, customers }: Impact, injectedAt: number): string {
  const when = (at: number) => `${clock(at)} (${utc(injectedAt + at).slice(11, 19)} UTC)`;
  const rows = signals.map(({ title, unit, objective: { below, above }, worst, worstAt, outsideMs }) => [
    plain(title),
    below === undefined ? `above ${quantity(above, unit)}` : `below ${quantity(below, unit)}`,
    quantity(worst, unit),
    when(worstAt),
    duration(outsideMs),
  ]);
  const share = customers
    ? [['customers not served', '—', percent(customers.worst), when(customers.worstAt), '—']]
    : [];
  return markdownTable(['signal', 'objective', 'worst', 'at', 'outside for'], [...rows, ...share]);
}

function toChange({ findings }: Scorecard, subjects: readonly Subject[]): Finding[] {
  return findings.filter(({ kind, subject }) => kind !== 'good' && subjects.includes(subject));
}

function list(findings: readonly Finding[], head: string): string[] {
  if (findings.length === 0) return [];
  const lines = findings.map(({ text, cost }) => {
    const price = cost && cost.impactMs > 0 ? ` (${costText(cost)})` : '';
    return `* ${proseMarkdown(text)}${price}`;
  });
  return [`${head}\n\n${lines.join('\n')}`];
}

/** What went well in the game although nothing made sure of it. */
function luck({ response, playbook, alerts }: Scorecard): string[] {
  const at = (name: string) => response.times.find((one) => one.name === name)?.at;
  const [recovered, changed] = [at('mitigated'), at('changed')];
  const told = Math.min(...alerts.expected.map(({ notifiedAt }) => notifiedAt ?? Number.POSITIVE_INFINITY));
  const helped = recovered === undefined ? undefined : playbook.helpful.find(({ kind }) => kind === 'write');
  const lines = [
    ...(helped
      ? [
          `The service recovered after \`${helped.text.replaceAll('`', "'")}\`, which is in no step of ${playbook.name}.`,
        ]
      : []),
    ...(changed !== undefined && changed < told && alerts.expected.length > 0
      ? [
          `The first change came after ${duration(changed)}, before any expected alert had notified its owner.`,
        ]
      : []),
    ...(response.endedUnclaimed ? ['The oracle held although no claim was made: nobody verified it.'] : []),
  ];
  return lines.length === 0
    ? []
    : [`Recorded:\n\n${lines.map((line) => `* ${proseMarkdown(line)}`).join('\n')}`];
}

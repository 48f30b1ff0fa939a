import type { Evidence } from '../grade/finding.ts';
import type { GradeInput } from '../grade/input.ts';
import type { Scorecard } from '../grade/scorecard.ts';
import { code, proseMarkdown, markdown as text } from '../words/escape.ts';
import { markdownTable } from '../words/markdown-table.ts';
import { number, percent, quantity } from '../words/number.ts';
import { clock, duration, utc } from '../words/time.ts';
import { linkOf } from './links.ts';
import { ratingLegend } from './ratings.ts';
import type { Report } from './report.ts';
import { costText, nameOf, storyOf } from './story.ts';
import { subjectLines } from './summary.ts';
import { backgroundText, detected, firings, resetText } from './texts/alert-texts.ts';
import { outageText, unplannedNote } from './texts/deed-texts.ts';
import { gradeText } from './texts/grade-text.ts';
import { type Moment, timelineOf } from './timeline.ts';
import { unplayedLines } from './unplayed.ts';

/** The report for a wiki or a pull request. */
export function reportMarkdown({ input, scorecard }: Report): string {
  const { game } = scorecard;
  const named = scorecard.played ? nameOf(scorecard) : game.title;
  const title = `# ${text(named)} (${text(game.scenario)})`;
  const moments = timelineMarkdown(input);
  const sections = scorecard.played
    ? [title, head(scorecard), ...subjects(scorecard, moments)]
    : [title, unplayedLines(scorecard).map(text).join('\n'), '## Timeline', moments];
  return `${sections.join('\n\n')}\n`;
}

/** Every moment, with its time in the game and in UTC, who, and a link to what was to be seen then, if one is known. */
export function timelineMarkdown(input: GradeInput): string {
  const { injectedAt = 0 } = input.state;
  // An alert of many pods goes pending for each of them.
  const alike = new Map<string, Moment[]>();
  for (const moment of timelineOf(input)) {
    const key = `${clock(moment.at)} ${moment.who} ${moment.text}`;
    alike.set(key, [...(alike.get(key) ?? []), moment]);
  }
  return markdownTable(
    ['at', 'UTC', 'who', 'what'],
    [...alike.values()].map((moments) => {
      const moment = moments[0]!;
      const { at, who = '' } = moment;
      const what = moments.length > 1 ? `${moment.text} (${moments.length} times)` : moment.text;
      const link = linkOf(moment, input.state);
      const shown = link === undefined ? '' : ` ([see](<${link}>))`;
      return [clock(at), utc(injectedAt + at).slice(11, 19), text(who), text(what) + shown];
    }),
  );
}

function subjects(scorecard: Scorecard, moments: string): string[] {
  return [
    storyOf(scorecard)
      .map(({ title, text: line }) => `* **${title}**: ${proseMarkdown(line)}`)
      .join('\n'),
    '## What to change first',
    findings(scorecard, (kind) => kind !== 'good') || 'This game showed nothing to change.',
    ...(scorecard.findings.some(({ kind }) => kind === 'good')
      ? ['## What to keep', findings(scorecard, (kind) => kind === 'good')]
      : []),
    '## What each part was worth',
    markdownTable(
      ['', '', ''],
      subjectLines(scorecard).map(({ title, mark, text: line }) => [
        title,
        mark && `**${mark}**`,
        text(line),
      ]),
    ),
    '## Alerts',
    alerts(scorecard),
    '## Dashboards',
    dashboards(scorecard),
    '## Playbook',
    playbook(scorecard),
    '## Response',
    response(scorecard),
    '## Timeline',
    moments,
    '## What it was',
    text(scorecard.game.debrief.trim()),
    '## How it was graded',
    'By the formulas and thresholds of docs/grading.md. Moments count from the injection.',
    ...(scorecard.notObserved.length > 0
      ? [`Not observed:\n\n${scorecard.notObserved.map((line) => `* ${text(line)}`).join('\n')}`]
      : []),
  ];
}

function head({ game }: Scorecard): string {
  const left = game.restored ? game.restored.differences + game.restored.conflicts : undefined;
  const lines = [
    `Game ${text(game.id)}, injected ${utc(game.injectedAt)}, on ${text(game.cluster)}${game.speed === 1 ? '' : ` at speed ${game.speed}`}.`,
    `Ended after ${duration(game.lengthMs)} (${text(game.ending)}): ${text(game.why)}.`,
    left === undefined ? 'The restore was not verified.' : `Restored, verified: ${left} differences.`,
    ...(game.restored?.left ?? []).map((line) => `${text(line)}.`),
  ];
  return lines.join('\n');
}

function findings(scorecard: Scorecard, wanted: (kind: string) => boolean): string {
  return scorecard.findings
    .filter(({ kind }) => wanted(kind))
    .map(({ text: line, fix, cost, kind }, index) => {
      const number = `${index + 1}. `;
      const indent = ' '.repeat(number.length);
      const below = [
        ...(fix ? ['', `\`\`\`${fix.language}`, ...fix.text.split('\n'), '```', ''] : []),
        ...(kind === 'good' ? [] : ['* [ ] owner: ………… due: …………']),
      ];
      const price = cost && cost.impactMs > 0 ? ` *(${costText(cost)})*` : '';
      const lines = [
        `${number}${proseMarkdown(line)}${price}`,
        ...below.map((one) => (one === '' ? '' : indent + one)),
      ];
      return lines.join('\n').trimEnd();
    })
    .join('\n');
}

function alerts({ alerts: { expected, groups, background, ...grade } }: Scorecard): string {
  return [
    text(gradeText(grade)),
    markdownTable(
      ['expected', 'verdict', 'detected', 'allowed', 'notified', 'reset', 'actionable by'],
      expected.map((one) => [
        text(one.name),
        `${one.verdict}: ${text(one.text)}`,
        detected(one),
        duration(one.withinMs),
        text(one.receivers.join(', ') || '—'),
        resetText(one),
        one.handling
          .filter(({ holds }) => holds)
          .map(({ name }) => name)
          .join(', ') || '—',
      ]),
    ),
    markdownTable(
      ['at', 'fired', 'notified', 'relevant'],
      firings(groups).map(({ at, name, receivers, because, relevant }) => [
        clock(at),
        text(name),
        text(receivers.join(', ') || '—'),
        `${relevant ? 'yes' : 'no'}: ${text(because)}`,
      ]),
    ),
    ...(background.length > 0 ? [text(backgroundText(background))] : []),
  ].join('\n\n');
}

function dashboards({ dashboards: { boards, expected, blindSpots, ...grade } }: Scorecard): string {
  const moved = boards.flatMap(({ panels }) => panels.filter(({ status }) => status === 'moved'));
  return [
    text(gradeText(grade)),
    markdownTable(
      ['expected panel', 'verdict', 'place', 'visible after', 'opened'],
      expected.map(({ dashboard, panel, verdict, rank, visibleMs, opened }) => [
        text(`${dashboard}/${panel}`),
        verdict,
        rank === undefined ? '—' : String(rank),
        visibleMs === undefined ? '—' : visibleMs <= 0 ? 'at once' : duration(visibleMs),
        opened ? 'yes' : 'no',
      ]),
    ),
    markdownTable(
      ['dashboard', 'verdict', 'opened', 'panels that moved'],
      boards.map(({ uid, verdict, openedAt, panels }) => [
        text(uid),
        verdict,
        openedAt === undefined ? '—' : clock(openedAt),
        `${panels.filter(({ status }) => status === 'moved').length} of ${panels.length}`,
      ]),
    ),
    markdownTable(
      ['panel that moved', 'from', 'to', 'score', 'in quiet times'],
      moved.map(({ dashboard, title, unit, movement }) => [
        text(`${dashboard}/${title}`),
        movement?.before == null ? '—' : quantity(movement.before, unit),
        movement?.during == null ? '—' : quantity(movement.during, unit),
        number(movement?.score ?? 0),
        movement?.placebo == null ? '—' : number(movement.placebo),
      ]),
    ),
    `On no panel and in no alert (${blindSpots.scanned} metrics were looked at, ${blindSpots.shown} of them are shown somewhere):`,
    markdownTable(
      ['metric', 'names', 'query'],
      blindSpots.spots.map(({ metric, pointsAt, expr }) => [
        text(metric),
        text(pointsAt.join(', ') || '—'),
        code(expr),
      ]),
    ),
  ].join('\n\n');
}

function playbook({
  playbook: { name, coverage, order, extra, score, steps, harmful, unplanned, undone, outages },
}: Scorecard): string {
  return [
    `${text(name)}: coverage ${percent(coverage)}, order ${percent(order)}, extra cost ${number(extra)}, score ${number(score)}.`,
    markdownTable(
      ['step', 'phase', '', 'status', 'at', 'by'],
      steps.map(({ id, phase, status, at, by, who, optional, rating, because = [] }) => [
        text(id) + (optional ? ' (optional)' : ''),
        phase,
        rating ? `**${rating}**` : '—',
        text([status, ...because].join('; ')),
        at === undefined ? '—' : clock(at),
        by === undefined ? '—' : code(by) + (who === undefined ? '' : ` (${text(who)})`),
      ]),
    ),
    `${ratingLegend}.`,
    ...harmful.map((deed) => `Harmful at ${clock(deed.at ?? 0)}: ${commandBy(deed)} (${text(deed.why)}).`),
    ...undone.map(
      (deed) => `Took ${text(deed.steps.join(', '))} back at ${clock(deed.at ?? 0)}: ${commandBy(deed)}.`,
    ),
    ...unplanned.map(
      (deed) => `Unplanned at ${clock(deed.at ?? 0)}: ${commandBy(deed)}${text(unplannedNote(deed))}.`,
    ),
    ...(outages.length > 1
      ? outages.map((outage, index) => `Outage ${index + 1}: ${text(outageText(outage))}.`)
      : []),
  ].join('\n\n');
}

function by(who: string | undefined): string {
  return who === undefined ? '' : ` (${text(who)})`;
}

function commandBy({ text: command, who }: Evidence): string {
  return code(command) + by(who);
}

function response({
  response: { times, diagnosis, hints, wrongClaims, undecidedClaims, endedUnclaimed, notes, decoys, people },
}: Scorecard): string {
  return [
    markdownTable(
      ['what', 'at'],
      times.map(({ title, at }) => [title, at === undefined ? '—' : clock(at)]),
    ),
    `The origin was ${code(diagnosis.origin)}, the mechanism ${code(diagnosis.mechanism)}.`,
    ...diagnosis.tries.map(({ at, text: named, verdict, who }) => {
      return `Diagnosis at ${clock(at ?? 0)}: ${code(named)}${by(who)}: ${text(verdict)}.`;
    }),
    ...(endedUnclaimed ? ['No claim was accepted: the game ended by itself, so nobody verified it.'] : []),
    ...decoys.map(({ noise, about, why, touched }) => {
      const tried = touched.map((deed) => `${commandBy(deed)} at ${clock(deed.at ?? 0)}`).join(', ');
      return `${noise ? 'Noise' : 'Decoy'}: ${text(about)}. ${text(why)}${tried ? ` Changed in vain: ${tried}.` : ''}`;
    }),
    ...wrongClaims.map(
      ({ at, text: failing, who }) => `Claim at ${clock(at ?? 0)}${by(who)} refuted: ${text(failing)}.`,
    ),
    ...undecidedClaims.map(({ at, text: why, who }) => `Claim at ${clock(at ?? 0)}${by(who)}: ${text(why)}.`),
    ...hints.map(({ at, text: hint, who }) => `Hint at ${clock(at ?? 0)}${by(who)}: ${text(hint)}`),
    ...notes.map(({ at, text: note, who }) => `Note at ${clock(at ?? 0)}${by(who)}: ${text(note)}`),
    ...(people.length > 1 ? [`Took part: ${people.map(text).join(', ')}.`] : []),
  ].join('\n\n');
}

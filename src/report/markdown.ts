import type { Scorecard } from '../grade/scorecard.ts';
import { duration, number, percent, quantity, utc } from '../grade/words.ts';
import { backgroundText, detected, firings, resetText } from './alert-texts.ts';
import { code, markdown as text } from './escape.ts';
import { gradeText } from './grade-text.ts';
import { ratingLegend } from './ratings.ts';
import type { Report } from './report.ts';
import { subjectLines } from './summary.ts';
import { timelineOf } from './timeline.ts';
import { clock } from './times.ts';
import { unplayedLines } from './unplayed.ts';

/** The report for a wiki or a pull request. */
export function reportMarkdown({ input, scorecard }: Report): string {
  const { game } = scorecard;
  const title = `# ${text(game.title)} (${text(game.scenario)})`;
  const moments = table(
    ['at', 'UTC', 'what'],
    timelineOf(input).map(({ at, text: what }) => [
      clock(at),
      utc(game.injectedAt + at).slice(11, 19),
      text(what),
    ]),
  );
  const sections = scorecard.played
    ? [title, head(scorecard), ...subjects(scorecard, moments)]
    : [title, unplayedLines(scorecard).map(text).join('\n'), '## Timeline', moments];
  return `${sections.join('\n\n')}\n`;
}

function subjects(scorecard: Scorecard, moments: string): string[] {
  return [
    table(
      ['', '', ''],
      subjectLines(scorecard).map(({ title, mark, text: line }) => [
        title,
        mark && `**${mark}**`,
        text(line),
      ]),
    ),
    '## What to change first',
    findings(scorecard, (kind) => kind !== 'good') || 'Nothing that this game showed.',
    ...(scorecard.findings.some(({ kind }) => kind === 'good')
      ? ['## What to keep', findings(scorecard, (kind) => kind === 'good')]
      : []),
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
    left === undefined ? 'Restoring was not verified.' : `Restored, verified: ${left} differences.`,
    ...(game.restored?.left ?? []).map((line) => `${text(line)}.`),
  ];
  return lines.join('\n');
}

function findings(scorecard: Scorecard, wanted: (kind: string) => boolean): string {
  return scorecard.findings
    .filter(({ kind }) => wanted(kind))
    .map(({ text: line, change }, index) => {
      const fence = change ? `\n\n   \`\`\`${change.language}\n${indent(change.text)}\n   \`\`\`` : '';
      return `${index + 1}. ${prose(line)}${fence}`;
    })
    .join('\n');
}

/** Findings put commands and fields between back-ticks. */
function prose(line: string): string {
  return line
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : text(part)))
    .join('');
}

function indent(lines: string): string {
  return lines
    .split('\n')
    .map((line) => `   ${line}`)
    .join('\n');
}

function alerts({ alerts: { expected, groups, background, ...grade } }: Scorecard): string {
  return [
    text(gradeText(grade)),
    table(
      ['expected', 'verdict', 'detected', 'allowed', 'told', 'reset', 'leads on by'],
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
    table(
      ['at', 'fired', 'told', 'relevant'],
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
    table(
      ['expected panel', 'verdict', 'place', 'visible after', 'opened'],
      expected.map(({ dashboard, panel, verdict, rank, visibleMs, opened }) => [
        text(`${dashboard}/${panel}`),
        verdict,
        rank === undefined ? '—' : String(rank),
        visibleMs === undefined ? '—' : visibleMs <= 0 ? 'at once' : duration(visibleMs),
        opened ? 'yes' : 'no',
      ]),
    ),
    table(
      ['dashboard', 'verdict', 'opened', 'panels that moved'],
      boards.map(({ uid, verdict, openedAt, panels }) => [
        text(uid),
        verdict,
        openedAt === undefined ? '—' : clock(openedAt),
        `${panels.filter(({ status }) => status === 'moved').length} of ${panels.length}`,
      ]),
    ),
    table(
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
    table(
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
  playbook: { name, coverage, order, extra, score, steps, harmful, unplanned },
}: Scorecard): string {
  return [
    `${text(name)}: coverage ${percent(coverage)}, order ${percent(order)}, extra cost ${number(extra)}, score ${number(score)}.`,
    table(
      ['step', 'phase', '', 'status', 'at', 'by'],
      steps.map(({ id, phase, status, at, by, optional, rating, because = [] }) => [
        text(id) + (optional ? ' (optional)' : ''),
        phase,
        rating ? `**${rating}**` : '—',
        text([status, ...because].join('; ')),
        at === undefined ? '—' : clock(at),
        by === undefined ? '—' : code(by),
      ]),
    ),
    `${ratingLegend}.`,
    ...harmful.map(
      ({ at, text: what, why }) => `Harmful at ${clock(at ?? 0)}: ${code(what)} (${text(why)}).`,
    ),
    ...unplanned.map(({ at, text: what }) => `Unplanned at ${clock(at ?? 0)}: ${code(what)}.`),
  ].join('\n\n');
}

function response({ response: { times, diagnosis, hints, wrongClaims, decoys } }: Scorecard): string {
  return [
    table(
      ['what', 'at'],
      times.map(({ title, at }) => [title, at === undefined ? '—' : clock(at)]),
    ),
    `The origin was ${code(diagnosis.origin)}, the mechanism ${code(diagnosis.mechanism)}.`,
    ...diagnosis.tries.map(({ at, text: named, originRight }) => {
      return `Diagnosis at ${clock(at ?? 0)}: ${code(named)}, origin ${originRight ? 'right' : 'wrong'}.`;
    }),
    ...decoys.map(({ noise, about, why, touched }) => {
      const tried = touched.map(({ at, text: title }) => `${code(title)} at ${clock(at ?? 0)}`).join(', ');
      return `${noise ? 'Noise' : 'Decoy'}: ${text(about)}. ${text(why)}${tried ? ` Changed in vain: ${tried}.` : ''}`;
    }),
    ...wrongClaims.map(({ at, text: failing }) => `Claim at ${clock(at ?? 0)} refuted: ${text(failing)}.`),
    ...hints.map(({ at, text: hint }) => `Hint at ${clock(at ?? 0)}: ${text(hint)}`),
  ].join('\n\n');
}

function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '—';
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replace(/\n/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

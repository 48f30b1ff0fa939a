import { number, quantity } from '../../words/number.ts';
import { duration } from '../../words/time.ts';
import type { Finding, Span } from '../finding.ts';
import type { Course } from '../moments.ts';
import { weights } from '../weights.ts';
import type { BlindSpot } from './blind-spots.ts';
import type { BoardGrade, DashboardsGrade, ExpectedPanelGrade, Level } from './dashboards.ts';
import { type PanelGrade, unknownStatuses } from './panels.ts';

export function dashboardFindings(
  { boards, expected, blindSpots }: DashboardsGrade,
  { search }: Pick<Course, 'search'>,
): Finding[] {
  const pointing = blindSpots.spots.filter(({ pointsAt }) => pointsAt.length > 0);
  return [
    ...expected.map(expectedFinding).map((one) => (one.kind === 'gap' ? { ...one, span: search } : one)),
    ...boards.filter(({ verdict }) => verdict === 'misled').map((board) => deadEnd(board, search)),
    ...pointing.slice(0, 1).map((spot) => ({ ...blindSpot(spot), span: search })),
    ...panelsThatShowNothing(boards.filter(({ own, openedAt }) => own || openedAt !== undefined)),
  ];
}

function expectedFinding({ dashboard, panel, verdict, rank = 0, ...one }: ExpectedPanelGrade): Finding {
  const about = `${dashboard}/${panel}`;
  const seen =
    one.visibleMs === undefined
      ? 'showed it'
      : `showed it ${one.visibleMs <= 0 ? 'with the first symptom' : `${duration(one.visibleMs)} after the first symptom`}`;
  const place = `panel ${rank} of its dashboard`;
  const base = { subject: 'dashboards' as const, about, evidence: [] };
  if (verdict === 'missing') return { ...base, kind: 'gap', text: `${about} does not exist.` };
  if (verdict !== 'moved') {
    const why = {
      flat: stillness(one.level),
      noisy: 'moves as much in quiet times',
      'no data': 'had no data',
      broken: 'is broken',
      'no query': 'asks nothing of Prometheus',
      'other source': 'asks another data source',
      'not recorded': 'was not recorded',
      'not observed': 'could not be compared with a quiet time',
    }[verdict];
    const isJudged = !unknownStatuses.includes(verdict);
    return { ...base, kind: isJudged ? 'gap' : 'improvement', text: `${about} ${why}.` };
  }
  if (!one.opened) {
    return { ...base, kind: 'gap', text: `${about} ${seen} (${place}); its dashboard was not opened.` };
  }
  if (rank > weights.dashboards.firstScreen) {
    return { ...base, kind: 'improvement', text: `${about} ${seen}, but is ${place}: move it up.` };
  }
  return { ...base, kind: 'good', text: `${about} ${seen} (${place}).` };
}

/** What a panel did that did not show the failure: a change that is too small to be seen is a change. */
function stillness({ before = null, during = null, unit = '' }: Partial<Level> = {}): string {
  if (before === null || during === null) return 'did not show it';
  const [was, is] = [quantity(before, unit), quantity(during, unit)];
  return was === is ? `stayed at ${is}` : `hardly moved: ${was} before, ${is} during the failure`;
}

function deadEnd({ uid, panels, openedAt = 0 }: BoardGrade, search: Span): Finding {
  return {
    subject: 'dashboards',
    about: uid,
    kind: 'gap',
    ...(openedAt < search.until && { span: { from: openedAt, until: search.until } }),
    text: `${uid} was opened and none of its ${panels.length} panels showed the failure: a dead end.`,
    evidence: [
      { at: openedAt, text: `opened ${uid}` },
      ...panels
        .filter(isTrusted)
        .slice(0, 3)
        .map(({ title, unit, movement }) => ({
          text: `${title} ${stillness(movement && { ...movement, unit })}`,
        })),
    ],
  };
}

/** What people look at first to see whether something fails. */
function isTrusted({ golden, status, movement }: PanelGrade): boolean {
  const telling = golden === 'errors' || golden === 'latency';
  return telling && status === 'flat' && typeof movement?.during === 'number';
}

function blindSpot({ metric, expr, movement, pointsAt }: BlindSpot): Finding {
  const { kind, before, during } = movement;
  const change =
    kind === 'level' ? `went from ${number(before ?? Number.NaN)} to ${number(during ?? Number.NaN)}` : kind;
  return {
    subject: 'dashboards',
    about: metric,
    kind: 'improvement',
    text: `${metric} ${change} and names ${pointsAt.join(', ')}; it is on no panel and in no alert.`,
    evidence: [{ text: labelsText(movement.labels) }],
    fix: { kind: 'panel', of: metric, to: expr, language: 'promql', text: expr },
  };
}

/** Each panel that cannot be drawn, with its error; those without data are one thing to look at. */
function panelsThatShowNothing(boards: readonly BoardGrade[]): Finding[] {
  const named = boards.flatMap(({ uid, panels }) =>
    panels.map(({ title, status, error }) => ({ about: `${uid}/${title}`, status, error })),
  );
  const finding = (about: string, text: string): Finding => ({
    ...{ subject: 'dashboards', kind: 'improvement', about, text, evidence: [] },
  });
  const empty = named.filter(({ status }) => status === 'no data').map(({ about }) => about);
  return [
    ...named
      .filter(({ status }) => status === 'broken')
      .map(({ about, error }) => finding(about, `${about} cannot be drawn: ${error}.`)),
    ...(empty.length > 0 ? [finding(empty[0]!, `${empty.join(', ')} had no data in the whole game.`)] : []),
  ];
}

function labelsText(labels: Record<string, string>): string {
  const { __name__: name = '', ...rest } = labels;
  return `${name}{${Object.entries(rest)
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')}}`;
}

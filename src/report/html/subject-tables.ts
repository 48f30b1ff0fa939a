import type { WhyNot } from '../../grade/alerts/alert-verdict.ts';
import type { AlertsGrade } from '../../grade/alerts/alerts.ts';
import type { DashboardsGrade } from '../../grade/dashboards/dashboards.ts';
import type { PanelGrade } from '../../grade/dashboards/panels.ts';
import type { GradedStep, PlaybookGrade } from '../../grade/playbook/playbook.ts';
import type { ResponseGrade } from '../../grade/response/response.ts';
import { html } from '../../words/escape.ts';
import { number, percent, quantity } from '../../words/number.ts';
import { clock, duration } from '../../words/time.ts';
import { ratingLegend, ratingTones } from '../ratings.ts';
import { backgroundText, detected, firings, resetText } from '../texts/alert-texts.ts';
import { outageText, unplannedNote } from '../texts/deed-texts.ts';
import { gradeText } from '../texts/grade-text.ts';
import { withWho } from '../texts/who.ts';
import { type Cell, htmlTable } from './html-table.ts';

const verdictTones: Partial<Record<WhyNot, 'good' | 'warn'>> = { ok: 'good', not_observed: 'warn' };

/** Each subject with everything that was measured of it. */
export function alertsSection({
  letter,
  because,
  score,
  parts,
  expected,
  groups,
  background,
}: AlertsGrade): string {
  return [
    `<p>${html(gradeText({ letter, because, score, parts }))}</p>`,
    htmlTable(
      [
        'expected alert',
        'verdict',
        '>detected',
        '>allowed',
        '>notified',
        '>reset after',
        'receivers',
        'flaps',
      ],
      expected.map((one): Cell[] => [
        { text: one.name, code: true },
        { text: `${one.verdict}: ${one.text}`, tone: verdictTones[one.verdict] ?? 'bad' },
        detected(one),
        duration(one.withinMs),
        one.notifiedAt === undefined ? '—' : clock(one.notifiedAt),
        resetText(one),
        one.receivers.join(', ') || '—',
        String(one.flaps),
      ]),
    ),
    '<h3>Is the alert actionable?</h3>',
    htmlTable(
      ['alert', 'runbook', 'summary', 'description', 'severity', 'dashboard', 'names'],
      expected.map((one): Cell[] => [
        { text: one.name, code: true },
        ...one.handling.map(({ holds, seen }): Cell => ({ text: seen, tone: holds ? undefined : 'bad' })),
        one.names.join(', ') || 'nothing of the cause',
      ]),
    ),
    '<h3>Everything that fired</h3>',
    htmlTable(
      ['>at', 'alert', 'notified', '>instances', 'relevant'],
      firings(groups).map((one): Cell[] => [
        clock(one.at),
        { text: one.name, code: true },
        one.receivers.join(', ') || '—',
        String(one.instances),
        { text: `${one.relevant ? 'yes' : 'no'}: ${one.because}`, tone: one.relevant ? undefined : 'warn' },
      ]),
    ),
    background.length > 0 ? `<p class="quiet">${html(backgroundText(background))}</p>` : '',
  ].join('');
}

export function dashboardsSection({
  letter,
  because,
  score,
  parts,
  expected,
  boards,
  blindSpots,
}: DashboardsGrade): string {
  return [
    `<p>${html(gradeText({ letter, because, score, parts }))}</p>`,
    htmlTable(
      ['expected panel', 'verdict', '>place', '>visible after', 'opened'],
      expected.map((one): Cell[] => [
        `${one.dashboard}/${one.panel}`,
        { text: one.verdict, tone: one.verdict === 'moved' ? 'good' : 'bad' },
        one.rank === undefined ? '—' : String(one.rank),
        one.visibleMs === undefined ? '—' : one.visibleMs <= 0 ? 'at once' : duration(one.visibleMs),
        one.opened ? 'yes' : { text: 'no', tone: 'warn' },
      ]),
    ),
    ...boards.map((board) => {
      const opened = board.openedAt === undefined ? 'not opened' : `opened at ${clock(board.openedAt)}`;
      const golden = Object.entries(board.golden).map(([signal, state]) => `${signal} ${state}`);
      return [
        `<h3>${html(board.title)} <span class="quiet">${html(board.uid)} · ${opened} · ${board.verdict} · ${html(golden.join(', '))}</span></h3>`,
        htmlTable(
          [
            '>',
            'panel',
            'verdict',
            '>before',
            '>during',
            '>score',
            '>in quiet times',
            '>visible after',
            'series',
          ],
          board.panels.map(panelRow),
        ),
      ].join('');
    }),
    '<h3>On no panel and in no alert</h3>',
    `<p class="quiet">${blindSpots.scanned} metrics of the stack’s namespaces were looked at; ${blindSpots.shown} of them are shown somewhere. What only describes an object (info, created, spec) is left out.</p>`,
    htmlTable(
      ['metric', 'names', '>before', '>during', '>series', 'query'],
      blindSpots.spots.map((spot): Cell[] => [
        { text: spot.metric, code: true },
        spot.pointsAt.join(', ') || '—',
        value(spot.movement.before, unitOf(spot.metric)),
        value(spot.movement.during, unitOf(spot.metric)),
        String(spot.series),
        { text: spot.expr, code: true },
      ]),
    ),
    ...blindSpots.notScanned.map(
      ({ what, why }) => `<p class="quiet">Not looked at: ${html(what)} (${html(why)}).</p>`,
    ),
  ].join('');
}

function panelRow(panel: PanelGrade): Cell[] {
  const { movement, unit } = panel;
  const tones: Partial<Record<PanelGrade['status'], 'good' | 'warn' | 'bad'>> = {
    moved: 'good',
    broken: 'bad',
    'no data': 'warn',
    noisy: 'warn',
  };
  const drawn = movement && panel.status !== 'no data';
  return [
    { text: String(panel.rank), tone: 'quiet' },
    panel.title,
    { text: panel.error ? `${panel.status}: ${panel.error}` : panel.status, tone: tones[panel.status] },
    drawn ? value(movement.before, unit) : '—',
    drawn ? value(movement.during, unit) : '—',
    drawn ? number(movement.score) : '—',
    drawn && movement.placebo !== null ? number(movement.placebo) : '—',
    movement?.visibleMs === undefined
      ? '—'
      : movement.visibleMs <= 0
        ? 'at once'
        : duration(movement.visibleMs),
    panel.series === 0
      ? '—'
      : `${panel.movedSeries} of ${panel.series} moved${movement && panel.movedSeries > 0 ? `, most ${movement.legend}` : ''}`,
  ];
}

export function playbookSection(grade: PlaybookGrade): string {
  const tones: Record<string, 'good' | 'warn' | 'bad' | 'quiet'> = {
    done: 'good',
    early: 'warn',
    missing: 'bad',
    impossible: 'bad',
    'n/a': 'quiet',
    'not observable': 'quiet',
  };
  const costs: Cell[][] = [
    ...grade.harmful.map((deed): Cell[] => [
      clock(deed.at ?? 0),
      { text: 'harmful', tone: 'bad' },
      { text: withWho(deed), code: true },
      deed.why,
    ]),
    ...grade.undone.map((deed): Cell[] => [
      clock(deed.at ?? 0),
      { text: 'undone', tone: 'bad' },
      { text: withWho(deed), code: true },
      `took back what had been done: ${deed.steps.join(', ')}`,
    ]),
    ...grade.unplanned.map((deed): Cell[] => [
      clock(deed.at ?? 0),
      { text: 'unplanned', tone: deed.known && deed.known.fails === undefined ? undefined : 'warn' },
      { text: withWho(deed), code: true },
      unplannedNote(deed).replace(/^, /, ''),
    ]),
    ...grade.helpful.map((deed): Cell[] => [
      clock(deed.at ?? 0),
      { text: 'helpful', tone: 'good' },
      { text: withWho(deed), code: true },
      deed.kind === 'look'
        ? 'in no step; looked at the origin before it was diagnosed'
        : 'in no step; the last change before the service recovered',
    ]),
  ];
  return [
    `<p>${html(grade.title)} <span class="quiet">${html(grade.name)}</span>: coverage ${percent(grade.coverage)}, order ${percent(grade.order)}, extra cost ${number(grade.extra)}; score ${percent(grade.score)}.</p>`,
    htmlTable(
      ['step', 'phase', '', 'status', '>at', 'by', 'what it asks'],
      grade.steps.map((step): Cell[] => [
        step.id + (step.optional ? ' (optional)' : ''),
        step.phase,
        { text: step.rating ?? '—', tone: step.rating ? ratingTones[step.rating] : 'quiet' },
        { text: statusOf(step), tone: tones[step.status] },
        step.at === undefined ? '—' : clock(step.at),
        {
          text: step.by === undefined ? '—' : withWho({ ...step, text: step.by }),
          code: step.by !== undefined,
        },
        { text: step.say, tone: 'quiet' },
      ]),
    ),
    `<p class="quiet">${ratingLegend}.</p>`,
    costs.length > 0 ? `<h3>Not in the playbook</h3>${htmlTable(['>at', '', 'what', 'why'], costs)}` : '',
    grade.outages.length > 1
      ? `<h3>${grade.outages.length} outages</h3><ul>${grade.outages.map((one) => `<li>${html(outageText(one))}</li>`).join('')}</ul>`
      : '',
  ].join('');
}

function statusOf({ status, branch, because = [] }: GradedStep): string {
  return [branch ? `${status}: ${branch}` : status, ...because].join('; ');
}

export function responseSection({
  times,
  diagnosis,
  hints,
  wrongClaims,
  undecidedClaims,
  endedUnclaimed,
  notes,
  people,
  decoys,
  actions,
}: ResponseGrade): string {
  const said: Cell[][] = [
    ...diagnosis.tries.map(({ at, text, verdict, who }): Cell[] => [
      clock(at ?? 0),
      'diagnosis',
      withWho({ text: `${text}: ${verdict}`, who }),
    ]),
    ...hints.map((hint): Cell[] => [clock(hint.at ?? 0), 'hint', withWho(hint)]),
    ...wrongClaims.map((claim): Cell[] => [clock(claim.at ?? 0), 'claim, refuted', withWho(claim)]),
    ...undecidedClaims.map((claim): Cell[] => [clock(claim.at ?? 0), 'claim, undecided', withWho(claim)]),
    ...notes.map((note): Cell[] => [clock(note.at ?? 0), 'note', withWho(note)]),
  ].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  return [
    htmlTable(
      times.map(({ title }) => `>${title}`),
      [times.map(({ at }): Cell => (at === undefined ? '—' : clock(at)))],
    ),
    `<p>The origin was <code>${html(diagnosis.origin)}</code>, the mechanism <code>${html(diagnosis.mechanism)}</code>. ` +
      `${actions.read} looks, ${actions.mutate} changes, ${actions.attempted} refused or without effect.${people.length > 1 ? ` Took part: ${html(people.join(', '))}.` : ''}</p>`,
    endedUnclaimed
      ? '<p class="quiet">No claim was accepted: the game ended by itself, so nobody verified it.</p>'
      : '',
    said.length > 0 ? htmlTable(['>at', '', ''], said) : '',
    decoys.length > 0
      ? `<h3>Decoys and noise</h3>${htmlTable(['', 'what', 'why', 'changed in vain'], decoys.map(decoyRow))}`
      : '',
  ].join('');
}

function decoyRow({ noise, about, why, touched }: ResponseGrade['decoys'][number]): Cell[] {
  const tried = touched.map((deed) => `${clock(deed.at ?? 0)} ${withWho(deed)}`).join('; ');
  return [noise ? 'noise' : 'decoy', about, why, tried || '—'];
}

/** By Prometheus' naming practices; counters were recorded as rates. */
function unitOf(metric: string): string {
  if (/_(total|count|sum)$/.test(metric)) return 'reqps';
  if (metric.endsWith('_bytes')) return 'bytes';
  return metric.endsWith('_seconds') ? 's' : '';
}

function value(seen: number | null, unit: string): string {
  return seen === null ? 'none' : quantity(seen, unit);
}

import { legendOf } from '../../signal/dashboard/legend.ts';
import { type Panel, panelsOf } from '../../signal/dashboard/panels.ts';
import type { RecordedQuery, RecordedSeries } from '../../signal/recorded-series.ts';
import type { Dashboard } from '../../signal/series.ts';
import { faultedNames } from '../alerts/alert-precision.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import type { Recording } from '../quiet.ts';
import { unitFloors } from '../weights.ts';
import { byMovement, type Movement, movementOf, naming } from './movement.ts';

export type Golden = 'traffic' | 'errors' | 'latency' | 'saturation';

export interface PanelGrade {
  dashboard: string;
  title: string;
  /** Before variables were filled in, where that is another one. */
  written?: string;
  /** Place in reading order, from 1. */
  rank: number;
  collapsed: boolean;
  unit: string;
  golden?: Golden;
  /**
   * moved: it showed the failure. noisy: it moves as much in quiet times. no query: a text. other source: it asks
   * another data source than this Prometheus. not recorded: nobody knows; `error` says why. not observed: it was
   * recorded, and too little of the time before is quiet to compare it with.
   */
  status:
    | 'moved'
    | 'flat'
    | 'noisy'
    | 'no data'
    | 'broken'
    | 'no query'
    | 'other source'
    | 'not recorded'
    | 'not observed';
  /** Of the series that moved most. */
  movement?: Movement & { legend: string };
  /** Series drawn, and how many of them moved. */
  series: number;
  movedSeries: number;
  /** Objects of the failure that series which moved name. */
  pointsAt: string[];
  error?: string;
}

/** Of such panels nobody knows what they showed: they are in no part of a score. */
export const unknownStatuses: readonly (PanelGrade['status'] | 'missing')[] = [
  'other source',
  'not recorded',
  'not observed',
];

/** The panels of a dashboard with what each of them showed, in reading order. */
export function gradePanels(
  dashboard: Dashboard,
  input: GradeInput,
  moments: Moments,
  recording: Recording | undefined,
): PanelGrade[] {
  const { series } = input;
  const faulted = faultedNames(input);
  return shownPanels(dashboard, series).map((panel, index) => {
    const golden = goldenOf(panel);
    return {
      dashboard: dashboard.uid,
      title: panel.title,
      ...(panel.written !== undefined && { written: panel.written }),
      rank: index + 1,
      collapsed: panel.collapsed,
      unit: panel.unit,
      ...(golden && { golden }),
      ...shown(panel, recordedOf(dashboard, panel, series), recording, moments, faulted),
    };
  });
}

/** The panels as they were asked when the game was recorded: repeated, titles filled; else as they are written. */
export function shownPanels(dashboard: Dashboard, series: RecordedSeries | undefined): Panel[] {
  const { boards = {} } = series ?? {};
  return (Object.hasOwn(boards, dashboard.uid) ? boards[dashboard.uid] : undefined) ?? panelsOf(dashboard);
}

/** Which of the four golden signals a panel is about, by its unit, title and queries; the first that fits. */
export function goldenOf({ unit, title, targets }: Panel): Golden | undefined {
  const words = `${title} ${targets.map(({ expr }) => expr).join(' ')}`.toLowerCase();
  if (/error|fail|5\.\.|success|refused|shed/.test(title.toLowerCase())) return 'errors';
  if (/latency|duration|p9\d|\bwait/.test(title.toLowerCase()) || unit === 's' || unit === 'ms')
    return 'latency';
  if (/cpu|memory|saturation|queue|in flight|limit|throttl|utili[sz]ation/.test(title.toLowerCase()))
    return 'saturation';
  if (unit === 'reqps' || /requests?_total|requests?\b|traffic|inbound|rps/.test(words)) return 'traffic';
  return undefined;
}

function recordedOf(
  { uid }: Dashboard,
  { id, title, copy }: Panel,
  series: RecordedSeries | undefined,
): RecordedQuery[] {
  const asked =
    series?.queries.filter(({ kind, panel }) => kind === 'panel' && panel?.dashboard === uid) ?? [];
  return asked.filter(({ panel }) => panel?.id === id && panel.title === title && panel.copy === copy);
}

function shown(
  panel: Panel,
  queries: readonly RecordedQuery[],
  recording: Recording | undefined,
  moments: Moments,
  faulted: readonly string[],
): Pick<PanelGrade, 'status' | 'movement' | 'series' | 'movedSeries' | 'pointsAt' | 'error'> {
  const none = { series: 0, movedSeries: 0, pointsAt: [] };
  if (panel.targets.every(({ hide }) => hide)) return { ...none, status: 'no query' };
  if (!recording || queries.length === 0) return { ...none, status: 'not recorded' };
  const { windows, quiet } = recording;
  if (windows.until <= windows.from)
    return { ...none, status: 'not observed', error: 'the failure was shorter than a step of the recording' };
  const of = (wanted: RecordedQuery['outcome']) => queries.filter(({ outcome }) => outcome === wanted);
  const [refused] = of('refused');
  if (refused) return { ...none, status: 'broken', error: refused.why };
  const recorded = of('recorded');
  const [unknown] = [...of('no answer'), ...of('not asked')];
  const tooLittle = recorded.map(({ query }) => quiet(query).tooLittle).find((why) => why !== undefined);
  if (tooLittle !== undefined) return { ...none, status: 'not observed', error: tooLittle };
  const floor = unitFloors[panel.unit] ?? 0;
  const movements = recorded
    .flatMap(({ series, query, panel: origin }) =>
      series.map((one) => ({
        ...movementOf(one, windows, moments, quiet(query), floor),
        legend: legendOf(origin?.legend ?? '', one.labels) || panel.title,
      })),
    )
    .sort(byMovement);
  const [most] = movements;
  // What was recorded may show it; what was not is no sign that nothing moved.
  if (unknown && !most?.moved) return { ...none, status: 'not recorded', error: unknown.why };
  if (recorded.length === 0) return { ...none, status: 'other source', error: queries[0]?.why };
  if (!most || movements.every(({ kind }) => kind === 'no-data')) return { ...none, status: 'no data' };
  const status = most.moved ? 'moved' : movements.some(({ noisy }) => noisy) ? 'noisy' : 'flat';
  const moved = movements.filter((one) => one.moved);
  const pointsAt = [...new Set(moved.flatMap((one) => naming(one, faulted)))].sort();
  return { status, movement: most, series: movements.length, movedSeries: moved.length, pointsAt };
}

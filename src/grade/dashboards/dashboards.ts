import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { recordingOf } from '../quiet.ts';
import { type Letter, letterOf, weights } from '../weights.ts';
import { type BlindSpots, findBlindSpots } from './blind-spots.ts';
import type { Movement } from './movement.ts';
import { ownDashboards } from './own-dashboards.ts';
import { type Golden, gradePanels, type PanelGrade, unknownStatuses } from './panels.ts';

/** What the dashboards were worth in this game. */
export interface DashboardsGrade {
  /** —: nothing was expected of them, or nothing of it could be seen; `because` says so. */
  letter: Letter | '—';
  because?: string;
  score: number;
  parts: Partial<Record<keyof typeof weights.dashboards.shares, number>>;
  boards: BoardGrade[];
  expected: ExpectedPanelGrade[];
  blindSpots: BlindSpots;
}

/** What the panels about a golden signal showed; not observed: nobody knows of any of them. */
type GoldenState = 'moved' | 'flat' | 'no panel' | 'not observed';

export interface BoardGrade {
  uid: string;
  title: string;
  /** It is of the team, not one that a cluster brings along for everybody: only these are in a score. */
  own: boolean;
  /** ms from the injection; undefined: nobody opened it where the recorder could see it. */
  openedAt?: number;
  /**
   * showed it: it was opened and showed the failure; whether that helped is not known. hard to find: it showed it and was not opened. misled: it was opened
   * and showed nothing, a dead end. not needed: neither. not observed: it was opened, none of its panels is known to
   * have moved, and of some nobody knows.
   */
  verdict: 'showed it' | 'hard to find' | 'misled' | 'not needed' | 'not observed';
  panels: PanelGrade[];
  /** Reading-order rank of the first panel that moved. */
  firstMoved?: number;
  /** Panels that move with the failure ⁄ panels with data: many is a cascade, few is focus. */
  density: number;
  golden: Record<Golden, GoldenState>;
}

export interface ExpectedPanelGrade {
  dashboard: string;
  panel: string;
  verdict: PanelGrade['status'] | 'missing';
  rank?: number;
  /** From the first symptom until it was visible, ms. */
  visibleMs?: number;
  /** Medians of the series that moved most, and the panel's unit. */
  level?: Level;
  opened: boolean;
}

export interface Level extends Pick<Movement, 'before' | 'during'> {
  unit: string;
}

export function gradeDashboards(input: GradeInput, moments: Moments): DashboardsGrade {
  const recording = recordingOf(input, moments);
  const own = ownDashboards(input);
  const boards = input.dashboards
    .map(({ uid, title, model }) => {
      const panels = gradePanels({ uid, title, model }, input, moments, recording);
      return { own: own.has(uid), ...boardOf(uid, title, panels, openings(input, uid, moments)) };
    })
    .sort((a, b) => (a.uid < b.uid ? -1 : 1));
  const isSeen = boards.length > 0;
  const wanted = isSeen ? input.scenario.panels.expected : [];
  const expected = wanted.map((one) => expectedOf(one, boards, input, moments));
  const blindSpots = findBlindSpots(input, moments, recording);
  const parts = isSeen
    ? partsOf(
        boards.filter(({ own }) => own),
        expected,
        blindSpots,
      )
    : {};
  const measured = Object.entries(parts) as [keyof typeof weights.dashboards.shares, number][];
  const total = measured.reduce((sum, [part]) => sum + weights.dashboards.shares[part], 0);
  const sum = measured.reduce((all, [part, value]) => all + value * weights.dashboards.shares[part], 0);
  const score = total === 0 ? 0 : sum / total;
  const because = whyUngraded(isSeen, expected, parts);
  return {
    letter: because === undefined ? letterOf(score) : '—',
    ...(because !== undefined && { because }),
    score,
    parts,
    boards,
    expected,
    blindSpots,
  };
}

function whyUngraded(
  isSeen: boolean,
  expected: readonly ExpectedPanelGrade[],
  parts: DashboardsGrade['parts'],
): string | undefined {
  if (!isSeen) return 'not observed: no dashboards are configured, or Grafana did not answer';
  if (expected.length === 0) return 'the scenario names no panels: not graded';
  if (parts.expected === undefined) return 'no expected panel could be observed: not graded';
  return undefined;
}

/** Looks at a dashboard during the game, as far as they passed the recorder: [ms from the injection, panel]. */
function openings({ state }: GradeInput, uid: string, { injected, end }: Moments): [number, string?][] {
  return state.actions
    .filter(({ dashboard, at }) => dashboard?.uid === uid && at >= injected && at <= end)
    .map(({ at, dashboard }) => [at - injected, dashboard?.panel]);
}

function boardOf(
  uid: string,
  title: string,
  panels: PanelGrade[],
  opened: readonly [number, string?][],
): Omit<BoardGrade, 'own'> {
  const moved = panels.filter(({ status }) => status === 'moved');
  const withData = panels.filter(({ status }) => ['moved', 'flat', 'noisy'].includes(status));
  const [first] = opened;
  return {
    uid,
    title,
    ...(first && { openedAt: first[0] }),
    verdict: verdictOf(panels, first !== undefined),
    panels,
    ...(moved[0] && { firstMoved: moved[0].rank }),
    density: withData.length === 0 ? 0 : moved.length / withData.length,
    golden: {
      traffic: goldenState(panels, 'traffic'),
      errors: goldenState(panels, 'errors'),
      latency: goldenState(panels, 'latency'),
      saturation: goldenState(panels, 'saturation'),
    },
  };
}

function verdictOf(panels: readonly PanelGrade[], isOpened: boolean): BoardGrade['verdict'] {
  if (panels.some(({ status }) => status === 'moved')) return isOpened ? 'showed it' : 'hard to find';
  if (!isOpened) return 'not needed';
  return panels.some(({ status }) => unknownStatuses.includes(status)) ? 'not observed' : 'misled';
}

function goldenState(panels: readonly PanelGrade[], golden: Golden): GoldenState {
  const about = panels.filter((panel) => panel.golden === golden);
  if (about.length === 0) return 'no panel';
  if (about.some(({ status }) => status === 'moved')) return 'moved';
  return about.every(({ status }) => unknownStatuses.includes(status)) ? 'not observed' : 'flat';
}

function expectedOf(
  { dashboard, panel }: { dashboard: string; panel: string },
  boards: readonly BoardGrade[],
  input: GradeInput,
  moments: Moments,
): ExpectedPanelGrade {
  const named = (boards.find(({ uid }) => uid === dashboard)?.panels ?? []).filter(
    ({ title, written }) => title === panel || written === panel,
  );
  // Of a repeated panel the one that showed it is meant.
  const found = named.find(({ status }) => status === 'moved') ?? named[0];
  const looks = openings(input, dashboard, moments);
  const opened = looks.some(([, named]) => named === undefined || named === panel);
  if (!found) return { dashboard, panel, verdict: 'missing', opened };
  const { status, rank, movement, unit } = found;
  return {
    dashboard,
    panel,
    verdict: status,
    rank,
    ...(movement && { level: { before: movement.before, during: movement.during, unit } }),
    ...(movement?.visibleMs !== undefined && { visibleMs: movement.visibleMs }),
    opened,
  };
}

function partsOf(
  boards: readonly BoardGrade[],
  expected: readonly ExpectedPanelGrade[],
  { couldPoint, scanned }: BlindSpots,
): DashboardsGrade['parts'] {
  const panels = boards.flatMap((board) => board.panels);
  const asked = panels.filter(({ status }) => status !== 'no query' && !unknownStatuses.includes(status));
  const healthy = asked.filter(({ status }) => status !== 'broken' && status !== 'no data');
  const judged = expected.filter(
    ({ verdict }) => verdict === 'missing' || !unknownStatuses.includes(verdict),
  );
  const showing = judged.filter(({ verdict }) => verdict === 'moved');
  const ranks = showing.map(({ rank }) => rank ?? Number.POSITIVE_INFINITY);
  const goldens = ['traffic', 'errors', 'latency', 'saturation'] as const;
  const affected = boards.filter(({ uid }) => expected.some(({ dashboard }) => dashboard === uid));
  const covered = goldens.filter((golden) => affected.some((board) => board.golden[golden] !== 'no panel'));
  const parts = {
    expected: judged.length === 0 ? undefined : showing.length / judged.length,
    placing: judged.length === 0 ? undefined : placing(Math.min(...ranks)),
    healthy: asked.length === 0 ? undefined : healthy.length / asked.length,
    golden: affected.length === 0 ? undefined : covered.length / goldens.length,
    pointing:
      scanned === 0 || !couldPoint ? undefined : panels.some(({ pointsAt }) => pointsAt.length > 0) ? 1 : 0,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

/** 1 on the first screen, 0 at twice that depth or where nothing showed it. */
function placing(rank: number): number {
  const { firstScreen } = weights.dashboards;
  return Math.min(1, Math.max(0, 2 - rank / firstScreen));
}

import type { GameState } from '../log/state.ts';
import type { AlertRule } from '../signal/series.ts';
import { type AlertsGrade, gradeAlerts } from './alerts/alerts.ts';
import { type DashboardsGrade, gradeDashboards } from './dashboards/dashboards.ts';
import { leftOut } from './dashboards/left-out.ts';
import { findingsOf } from './findings.ts';
import type { GradeInput } from './input.ts';
import { momentsOf } from './moments.ts';
import { gradePlaybook, withoutDashboards } from './playbook/playbook.ts';
import { bypassesOf } from './playbook/steps.ts';
import { type Impact, type MeasuredImpact, measureImpact } from './response/impact.ts';
import { gradeResponse } from './response/response.ts';
import type { GameHead, Scorecard, Unplayed } from './scorecard.ts';

/** What there is to say of one game: a scorecard, if it was played. */
export function gradeGame(input: GradeInput): Scorecard | Unplayed {
  const { phases, plan } = input.state;
  if (phases.some(({ phase }) => phase === 'respond')) return grade(input);
  const touched = plan?.operations.some(({ status }) => status !== 'planned') ?? false;
  const { debrief: _, ...game } = headOf(input, momentsOf(input.state).lengthMs);
  return { version: 1, played: false, touched, game };
}

/** Grades one game that was played. Pure and deterministic. */
export function grade(input: GradeInput): Scorecard {
  const moments = momentsOf(input.state);
  const alerts = gradeAlerts(input, moments);
  const dashboards = gradeDashboards(input, moments);
  const asked = input.dashboards.length > 0 ? input.playbook : withoutDashboards(input.playbook);
  const playbook = gradePlaybook(asked, input.state, input.scenario);
  const response = gradeResponse(input, moments, alerts);
  const parts = { alerts, dashboards, playbook, response };
  const measured = measureImpact(input.state, moments);
  return {
    version: 1,
    played: true,
    game: headOf(input, moments.lengthMs),
    broke: brokenBy(input.state),
    putBack: putBackOf(input.state),
    ...(measured && { impact: withoutCosts(measured) }),
    findings: findingsOf(input, parts, moments, measured),
    ...parts,
    notObserved: [...notObserved(input, alerts), ...withoutQuiet(dashboards)],
  };
}

/** In the words of the plan. */
export function brokenBy({ plan }: GameState): string[] {
  const made = (plan?.operations ?? []).filter(({ role, status }) => !role && status !== 'planned');
  return made.map(({ describe }) => describe);
}

/** Which of the game's own changes were reverted, and which of the responders' were undone. */
function putBackOf({ plan, undone }: GameState): Scorecard['putBack'] {
  const reverted = (plan?.operations ?? []).filter(({ status }) => status === 'reverted');
  return {
    faults: reverted.length,
    changes: undone.filter(({ outcome }) => outcome === 'undone').map(({ ref }) => ref),
  };
}

/** As plain data. */
function withoutCosts({ costOf: _, ...impact }: MeasuredImpact): Impact {
  return impact;
}

function headOf({ state, scenario }: GradeInput, lengthMs: number): GameHead {
  const { game, ended, restored, recovered } = state;
  return {
    id: game?.game ?? '',
    scenario: scenario.name,
    title: scenario.title,
    owner: scenario.owner,
    cluster: game?.cluster ?? '',
    player: game?.player ?? '',
    injectedAt: state.injectedAt ?? game?.at ?? 0,
    speed: game?.speed ?? 1,
    ending: ended?.ending ?? 'unknown',
    why: ended?.why ?? 'the log ends before the game did',
    lengthMs,
    ...(restored && {
      restored: {
        differences: restored.differences.length,
        conflicts: restored.conflicts.length,
        ...(restored.left && { left: restored.left }),
      },
    }),
    ...(!restored && recovered && { restored: { differences: 0, conflicts: 0 } }),
    debrief: scenario.debrief,
  };
}

function withoutQuiet({ boards }: DashboardsGrade): string[] {
  const drawn = boards.flatMap(({ panels }) => panels.filter(({ movement }) => movement !== undefined));
  const blind = drawn.filter(({ movement }) => movement?.placebo === null);
  if (blind.length === 0) return [];
  return [`Noise of ${blind.length} of ${drawn.length} panels: too little was recorded before the game.`];
}

/** Who writes past the recorder may have looked there, too. */
function bypassed(state: GameState): string[] {
  const writes = bypassesOf(state);
  if (writes.length === 0) return [];
  const [first] = writes;
  const more = writes.length > 1 ? ` and ${writes.length - 1} more` : '';
  return [`Looks past the recorder: somebody changed something there (${first?.title}${more}).`];
}

/** What is graded of other alerts by asking for their expression. */
function evaluatedElsewhere({ name, ruler, notPromql }: AlertRule, fired: boolean): string[] {
  if (!notPromql) return [];
  const what = fired ? 'what another `for` would have done' : 'how near it came to firing';
  return [`${name}: evaluated by ${ruler}, not here; ${what} is not known.`];
}

function notObserved({ state, rules, dashboards, series }: GradeInput, alerts: AlertsGrade): string[] {
  const parts = [...new Set(state.failures.map(({ part }) => part))];
  return [
    ...(state.alertmanager?.configured === false ? ['Notifications: no Alertmanager is configured.'] : []),
    ...(rules ? [] : ['Rules: Prometheus did not list them.']),
    ...(dashboards.length > 0 ? [] : ['Dashboards: none are configured, or Grafana did not answer.']),
    ...(series ? [] : ['Series: none were recorded; alerts are graded by the log alone.']),
    ...alerts.expected
      .filter(({ verdict }) => verdict === 'not_observed' || verdict === 'on_before')
      .map(({ name, text }) => `${name} ${text}.`),
    ...alerts.expected.flatMap(({ name, fired, renamed }) => {
      const rule = rules?.alerting.find((one) => one.name === (renamed?.rule ?? name));
      return rule ? evaluatedElsewhere(rule, fired) : [];
    }),
    ...bypassed(state),
    ...parts.map((part) => `${part} did not answer for a part of the game; there are gaps.`),
    ...[...(series?.skipped ?? []), ...leftOut(series?.queries ?? [])].map(
      ({ what, why }) => `${what}: ${why}.`,
    ),
  ];
}

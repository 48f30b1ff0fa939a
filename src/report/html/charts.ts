import { byMovement, movementOf } from '../../grade/dashboards/movement.ts';
import { shownPanels } from '../../grade/dashboards/panels.ts';
import type { GradeInput } from '../../grade/input.ts';
import { momentsOf } from '../../grade/moments.ts';
import { recordingOf } from '../../grade/quiet.ts';
import { comparisonOf } from '../../signal/comparison.ts';
import { legendOf } from '../../signal/dashboard/legend.ts';
import type { RecordedQuery } from '../../signal/recorded-series.ts';
import type { Series } from '../../signal/series.ts';
import type { Report } from '../report.ts';
import type { Chart, ChartLine } from './line-chart.ts';

/** Lines that one chart can carry. */
const most = 6;

/** The series that tell the story: live signals, what expected alerts compare, expected panels. */
export function chartsOf({ input }: Report): Chart[] {
  if (input.state.injectedAt === undefined) return [];
  return [...signalCharts(input), ...alertCharts(input), ...panelCharts(input)].filter(({ lines }) =>
    lines.some(({ points }) => points.length > 1),
  );
}

type Frame = Pick<Chart, 'from' | 'until' | 'fault' | 'recovered'>;

/** As long before the injection as the game was, and to the end of the recording. */
function frameOf(input: GradeInput): Frame {
  const { injected, faultEnd, lengthMs, times } = momentsOf(input.state);
  const end = input.series ? input.series.end * 1000 - injected : lengthMs;
  const start = input.series ? input.series.start * 1000 - injected : 0;
  return {
    from: Math.max(start, -Math.max(lengthMs / 2, 20_000)),
    until: Math.max(lengthMs, end),
    fault: [0, faultEnd - injected],
    ...(times.mitigated !== undefined && { recovered: times.mitigated - injected }),
  };
}

function signalCharts(input: GradeInput): Chart[] {
  const { state, series } = input;
  return (state.game?.signals ?? []).map(({ id, title, unit, objective, query }) => {
    const recorded = series?.queries.find(({ kind, name }) => kind === 'signal' && name === id);
    const logged = (state.signals[id] ?? []).map(([at, value]): [number, number] => [
      at - (state.injectedAt ?? 0),
      value ?? Number.NaN,
    ]);
    const lines = recorded?.series.length
      ? linesOf(input, recorded.series, () => title)
      : [{ name: title, points: logged }];
    const limit = objective?.below ?? objective?.above;
    return {
      title,
      about: query,
      unit: grafanaUnit(unit),
      lines,
      thresholds: limit === undefined ? [] : [{ value: limit, name: 'objective' }],
      ...frameOf(input),
    };
  });
}

function alertCharts(input: GradeInput): Chart[] {
  return input.scenario.alerts.expected.flatMap(({ name }): Chart[] => {
    const rule = input.rules?.alerting.find((one) => one.name === name);
    const compared = rule && comparisonOf(rule.query);
    const recorded = input.series?.queries.find((one) => one.kind === 'alert-value' && one.name === name);
    if (!rule || !compared || !recorded) return [];
    return [
      {
        title: name,
        about: `what the alert compares: ${rule.query}`,
        unit: '',
        lines: linesOf(input, recorded.series, (labels) => legendOf('', labels) || compared.left),
        thresholds: [{ value: compared.threshold, name: `fires ${compared.operator} ${compared.threshold}` }],
        ...frameOf(input),
      },
    ];
  });
}

function panelCharts(input: GradeInput): Chart[] {
  return input.scenario.panels.expected.flatMap(({ dashboard, panel }): Chart[] => {
    const model = input.dashboards.find(({ uid }) => uid === dashboard);
    const found =
      model &&
      shownPanels(model, input.series).find(({ title, written }) => title === panel || written === panel);
    if (!found) return [];
    const queries = (input.series?.queries ?? []).filter((one) => {
      return one.kind === 'panel' && one.panel?.dashboard === dashboard && one.panel.title === found.title;
    });
    const lines = queries.flatMap((query) => linesOf(input, query.series, nameBy(query, panel)));
    return [
      {
        title: `${dashboard}/${panel}`,
        about: '',
        unit: found.unit,
        lines: lines.slice(0, most),
        thresholds: [],
        ...frameOf(input),
      },
    ];
  });
}

function nameBy(query: RecordedQuery, panel: string): (labels: Record<string, string>) => string {
  return (labels) => legendOf(query.panel?.legend ?? '', labels) || `${panel} (no name)`;
}

/** Most moved first, at most as many as a chart can carry. */
function linesOf(
  input: GradeInput,
  series: readonly Series[],
  name: (labels: Record<string, string>) => string,
): ChartLine[] {
  const moments = momentsOf(input.state);
  const recording = recordingOf(input, moments);
  const ranked = series.map((one) => ({
    one,
    movement: recording && movementOf(one, recording.windows, moments, recording.quiet('')),
  }));
  if (recording) ranked.sort((a, b) => byMovement(a.movement!, b.movement!));
  return ranked.slice(0, most).map(({ one }) => ({
    name: name(one.labels),
    points: one.points.map(([at, value]): [number, number] => [at * 1000 - moments.injected, value]),
  }));
}

/** The live signals' units are words of checks. */
function grafanaUnit(unit: string): string {
  if (unit === '/s') return 'reqps';
  return unit === 'ratio' ? 'percentunit' : unit;
}

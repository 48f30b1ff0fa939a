import { metricNames } from '../../promql/syntax/parsed.ts';
import { plural } from '../../words/number.ts';
import { faultedNames } from '../alerts/alert-precision.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import type { Recording } from '../quiet.ts';
import { weights } from '../weights.ts';
import { leftOut } from './left-out.ts';
import { byMovement, type Movement, movementOf, naming } from './movement.ts';
import { shownPanels } from './panels.ts';
import { withoutSuccession } from './succession.ts';

/** Metrics that moved with the failure and are on no panel and in no alert. */
export interface BlindSpots {
  spots: BlindSpot[];
  /** Some series that moved names the cause, whether it is shown somewhere or not: a panel could have shown that. */
  couldPoint: boolean;
  /** Metrics looked at, and how many of these are on a panel or in a rule. */
  scanned: number;
  shown: number;
  /** What was not looked at, and why. */
  notScanned: { what: string; why: string }[];
}

export interface BlindSpot {
  metric: string;
  /** The query by which it was seen; it can be put on a panel as it is. */
  expr: string;
  movement: Movement;
  /** Series of this metric that moved. */
  series: number;
  /** Objects of the failure that its labels name. */
  pointsAt: string[];
}

export function findBlindSpots(
  input: GradeInput,
  moments: Moments,
  recording: Recording | undefined,
): BlindSpots {
  const { series } = input;
  if (!series || !recording) return { spots: [], couldPoint: false, scanned: 0, shown: 0, notScanned: [] };
  const { windows, quiet } = recording;
  const shown = shownMetrics(input);
  const faulted = faultedNames(input);
  const wanted = series.queries.filter(({ kind }) => kind === 'stack');
  const recordings = wanted.filter(({ outcome }) => outcome === 'recorded');
  const stack = recordings.filter(({ query }) => quiet(query).tooLittle === undefined);
  const unseen = stack.filter(({ name }) => !shown.has(familyOf(name)) && !descriptive.test(name));
  const telling = stack.filter(({ name }) => !descriptive.test(name));
  const found = telling.flatMap(({ name, query, series: recorded }): BlindSpot[] => {
    const movements = recorded.map((one) => movementOf(one, windows, moments, quiet(query)));
    const moved = withoutSuccession(movements)
      .filter((one) => one.moved)
      .sort(byMovement);
    const pointing = moved.find((one) => naming(one, faulted).length > 0);
    const movement = pointing ?? moved[0];
    if (!movement) return [];
    return [
      { metric: name, expr: query, movement, series: moved.length, pointsAt: naming(movement, faulted) },
    ];
  });
  const spots = found.filter(({ metric }) => !shown.has(familyOf(metric)));
  return {
    couldPoint: found.some(({ pointsAt }) => pointsAt.length > 0),
    spots: spots.sort(bySpot).slice(0, weights.dashboards.blindSpots),
    scanned: stack.length,
    shown: stack.length - unseen.length,
    notScanned: [...series.skipped, ...leftOut(wanted), ...unknownQuiet(recordings.length - stack.length)],
  };
}

function unknownQuiet(count: number): BlindSpots['notScanned'] {
  if (count === 0) return [];
  return [{ what: plural(count, 'metric'), why: 'too little quiet before the game to compare with' }];
}

/** Metrics that say what an object is, not how it does: they change with every new object. */
const descriptive =
  /_(info|created|labels|annotations|owner|start_time(_seconds)?|\w*timestamp(_seconds)?|generation)$|_spec_|_resource_(limits|requests)$|^scrape_/;

/** Metrics on panels and in alerting rules, also through recording rules. */
function shownMetrics({ rules, dashboards, series }: GradeInput): Set<string> {
  const recording = new Map(rules?.recording.map(({ name, query }) => [name, query]));
  const panels = dashboards.flatMap((dashboard) => shownPanels(dashboard, series));
  const expressions = [
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => readable(expr))),
    ...(rules?.alerting ?? []).map(({ query }) => query),
  ];
  const names = new Set<string>();
  const add = (expression: string) => {
    for (const name of metricNames(expression)) {
      if (names.has(name)) continue;
      names.add(name);
      const query = recording.get(name);
      if (query !== undefined) add(query);
    }
  };
  expressions.forEach(add);
  return new Set([...names].map(familyOf));
}

/** A histogram or summary is one thing: its buckets on a panel show its sum and count too. */
function familyOf(metric: string): string {
  return metric.replace(/_(bucket|sum|count)$/, '');
}

/** Grafana's variables would not parse as durations. */
function readable(expression: string): string {
  return expression.replace(/\[\s*\$\{?\w+\}?\s*(:[^\]]*)?\]/g, '[5m]');
}

/** It names the object itself, not a pod of it. */
function isExact({ movement, pointsAt }: BlindSpot): boolean {
  return Object.values(movement.labels).some((value) => pointsAt.includes(value));
}

function bySpot(a: BlindSpot, b: BlindSpot): number {
  const points = Number(b.pointsAt.length > 0) - Number(a.pointsAt.length > 0);
  const exact = Number(isExact(b)) - Number(isExact(a));
  return points || exact || byMovement(a.movement, b.movement) || (a.metric < b.metric ? -1 : 1);
}

import type { GameState } from '../../log/state.ts';
import { unitOf } from '../../signal/unit.ts';
import type { Cost, Span } from '../finding.ts';
import type { Moments } from '../moments.ts';

/** What the failure did to the service, by its live signals. Moments and durations in ms, moments from the injection. */
export interface Impact {
  /** Signals that left their objective, in the scenario's order. */
  signals: SignalImpact[];
  /** When at least one was outside its objective. */
  spans: Span[];
  /** Their length together. */
  ms: number;
  /** For how long of the game no signal with an objective had a value. */
  unseenMs: number;
  /** Undefined: no live signal counts customers. */
  customers?: {
    title: string;
    /** Share not served while the service was outside an objective: the mean over that time, and the worst. */
    lost: number;
    worst: number;
    worstAt: number;
  };
}

export interface MeasuredImpact extends Impact {
  /** What was measured of it within a span. */
  costOf(span: Span): Cost;
}

export interface SignalImpact {
  title: string;
  unit: string;
  objective: { below?: number; above?: number };
  /** Furthest from the objective. */
  worst: number;
  worstAt: number;
  outsideMs: number;
}

/** A value that holds from one sample until the next. */
interface Sample extends Span {
  value: number;
}

type Signal = NonNullable<GameState['game']>['signals'][number];

/** Undefined: no live signal with an objective was sampled after the injection. */
export function measureImpact(state: GameState, moments: Moments): MeasuredImpact | undefined {
  const bounded = (state.game?.signals ?? []).filter(({ objective }) => objective !== undefined);
  const all = bounded.map((signal) => ({ signal, samples: samplesOf(state.signals[signal.id], moments) }));
  if (!all.some(({ samples }) => samples.length > 0)) return undefined;
  const outside = all.map(({ signal, samples }) => ({
    signal,
    samples: samples.filter(({ value }) => isOutside(value, signal)),
  }));
  const spans = union(outside.flatMap(({ samples }) => samples));
  const customers = all.find(({ signal }) => countsCustomers(signal));
  const lost = customers ? lostSamples(customers.signal, customers.samples) : [];
  return {
    signals: outside.flatMap(({ signal, samples }) => signalImpact(signal, samples) ?? []),
    spans,
    ms: lengthOf(spans),
    unseenMs: moments.lengthMs - lengthOf(union(all.flatMap(({ samples }) => samples))),
    ...(customers && lost.length > 0 && { customers: customersOf(customers.signal.title, lost, spans) }),
    costOf: (span) => {
      const within = spans.flatMap((one) => overlap(one, span) ?? []);
      const share = meanIn(lost, within);
      return { impactMs: lengthOf(within), ...(share !== undefined && { customersLost: share }) };
    },
  };
}

/** From the injection to the end of the game, without gaps. */
function samplesOf(points: readonly [number, number | null][] = [], { injected, end }: Moments): Sample[] {
  return points.flatMap(([at, value], index): Sample[] => {
    const until = Math.min(points[index + 1]?.[0] ?? end, end);
    if (value === null || at < injected || until <= at) return [];
    return [{ from: at - injected, until: until - injected, value }];
  });
}

function signalImpact(signal: Signal, samples: readonly Sample[]): SignalImpact | undefined {
  const { title, query, unit, objective = {} } = signal;
  const [first, ...rest] = samples;
  if (!first) return undefined;
  const isWorse = (a: number, b: number) => (objective.below === undefined ? a < b : a > b);
  const worst = rest.reduce((most, one) => (isWorse(one.value, most.value) ? one : most), first);
  return {
    title,
    unit: unit || unitOf(query),
    objective,
    worst: worst.value,
    worstAt: worst.from,
    outsideMs: lengthOf(samples),
  };
}

function isOutside(value: number, { objective: { below, above } = {} }: Signal): boolean {
  return (below !== undefined && value >= below) || (above !== undefined && value <= above);
}

/** A share of customers by its name and its objective: what is below 98 % served, or above 2 % failed. */
function countsCustomers({ id, title, query, objective: { below, above } = {} }: Signal): boolean {
  const limit = below ?? above ?? Number.NaN;
  return /customer|visitor|\busers?\b/i.test(`${id} ${title} ${query}`) && limit > 0 && limit < 1;
}

/** Shares of customers that were not served. */
function lostSamples({ objective = {} }: Signal, samples: readonly Sample[]): Sample[] {
  return samples.map(({ value, ...span }) => {
    return { ...span, value: Math.min(1, Math.max(0, objective.above === undefined ? value : 1 - value)) };
  });
}

function customersOf(
  title: string,
  lost: readonly Sample[],
  spans: readonly Span[],
): NonNullable<Impact['customers']> {
  const worst = lost.reduce((most, one) => (one.value > most.value ? one : most));
  return { title, lost: meanIn(lost, spans) ?? 0, worst: worst.value, worstAt: worst.from };
}

/** The mean over the part of these spans that was measured; undefined where nothing was. */
function meanIn(samples: readonly Sample[], spans: readonly Span[]): number | undefined {
  const measured = samples.flatMap(({ value, ...own }) =>
    spans.flatMap((span) => {
      const shared = overlap(own, span);
      return shared ? [{ value, ms: shared.until - shared.from }] : [];
    }),
  );
  const total = measured.reduce((sum, { ms }) => sum + ms, 0);
  return total === 0 ? undefined : measured.reduce((sum, { value, ms }) => sum + value * ms, 0) / total;
}

function overlap(a: Span, b: Span): Span | undefined {
  const [from, until] = [Math.max(a.from, b.from), Math.min(a.until, b.until)];
  return until > from ? { from, until } : undefined;
}

/** As few spans as there can be, ascending. */
function union(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const { from, until } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.until) last.until = Math.max(last.until, until);
    else merged.push({ from, until });
  }
  return merged;
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, until }) => sum + until - from, 0);
}

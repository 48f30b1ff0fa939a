import { parseDuration } from '../../words/duration.ts';
import type { BuiltIns } from './interpolate.ts';
import type { Template } from './variable.ts';

/** Unix seconds. */
export interface TimeRange {
  start: number;
  end: number;
}

/** Grafana's default for the scrape interval of a Prometheus data source, seconds. */
export const defaultScrapeSeconds = 15;

/** [below, becomes] in ms: the lengths to which Grafana rounds intervals. Source: rangeutil of @grafana/data. */
const rounded: readonly [number, number][] = [
  ...([
    [10, 1],
    [15, 10],
    [35, 20],
    [75, 50],
    [150, 100],
    [350, 200],
    [750, 500],
  ] satisfies [number, number][]),
  ...([
    [1500, 1e3],
    [3500, 2e3],
    [7500, 5e3],
    [12_500, 10e3],
    [17_500, 15e3],
    [25e3, 20e3],
  ] satisfies [number, number][]),
  ...([
    [45e3, 30e3],
    [90e3, 60e3],
    [210e3, 120e3],
    [450e3, 300e3],
    [750e3, 600e3],
  ] satisfies [number, number][]),
  ...([
    [1050e3, 900e3],
    [1500e3, 1200e3],
    [2700e3, 1800e3],
    [5400e3, 3600e3],
  ] satisfies [number, number][]),
  ...([
    [9000e3, 7200e3],
    [16_200e3, 10_800e3],
    [32_400e3, 21_600e3],
    [86_400e3, 43_200e3],
  ] satisfies [number, number][]),
  ...([
    [604_800e3, 86_400e3],
    [1_814_400e3, 604_800e3],
    [3_628_800e3, 2_592_000e3],
  ] satisfies [number, number][]),
];

export function roundInterval(ms: number): number {
  return rounded.find(([below]) => ms < below)?.[1] ?? 31_536_000e3;
}

/** What `auto` of an interval variable stands for: the range in so many steps, rounded, and at least its minimum. */
export function autoInterval({ auto_count, auto_min }: Template, { start, end }: TimeRange): string {
  const count = Number(auto_count) > 0 ? Number(auto_count) : 30;
  const least = parseDuration(String(auto_min ?? '10s').replace(/^>/, '')) ?? 10_000;
  return intervalText(Math.max(roundInterval(((end - start) * 1000) / count), least));
}

/** Built-in variables of a query that is sent with a range and a step; all in seconds. */
export function intervalBuiltIns(
  range: TimeRange,
  step: number,
  scrape: number,
  minStep: number | undefined,
): BuiltIns {
  const interval = Math.max(step, minStep ?? scrape);
  const rateInterval = Math.max(interval + scrape, 4 * scrape);
  return {
    ...rangeBuiltIns(range),
    __interval: seconds(interval),
    __interval_ms: String(Math.round(interval * 1000)),
    __rate_interval: seconds(rateInterval),
    __rate_interval_ms: String(Math.round(rateInterval * 1000)),
  };
}

export function rangeBuiltIns({ start, end }: TimeRange): BuiltIns {
  const length = Math.max(0, end - start);
  const [from, to] = [String(Math.round(start * 1000)), String(Math.round(end * 1000))];
  return {
    __range: seconds(length),
    __range_s: String(Math.round(length)),
    __range_ms: String(Math.round(length * 1000)),
    __from: from,
    __to: to,
    __url_time_range: `from=${from}&to=${to}`,
  };
}

/** "Min step" as a panel or target says it, seconds. */
export function minStepOf(written: string): number | undefined {
  const ms = parseDuration(written.replace(/^>/, ''));
  return ms !== undefined && ms > 0 ? ms / 1000 : undefined;
}

/** PromQL's duration: whole seconds, or milliseconds where they are not. */
function seconds(value: number): string {
  return Number.isInteger(value) ? `${value}s` : `${Math.round(value * 1000)}ms`;
}

/** As Grafana writes an interval: in one unit, the largest that it is at least one of. */
function intervalText(ms: number): string {
  const units = [
    ['y', 31_536_000e3],
    ['d', 86_400e3],
    ['h', 3600e3],
    ['m', 60e3],
    ['s', 1e3],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ['ms', 1];
  return ms % size === 0 ? `${ms / size}${unit}` : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

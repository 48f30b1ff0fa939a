import { html } from '../../words/escape.ts';
import { quantity } from '../../words/number.ts';
import { clock } from '../../words/time.ts';

export interface ChartLine {
  name: string;
  /** [ms from the injection, value], ascending; NaN breaks the line. */
  points: [number, number][];
}

/** One panel of lines over time; moments in ms from the injection. */
export interface Chart {
  title: string;
  about: string;
  unit: string;
  from: number;
  until: number;
  lines: ChartLine[];
  /** Lines of meaning: an objective, an alert's threshold. */
  thresholds: { value: number; name: string }[];
  /** When the fault lasted. */
  fault: [number, number];
  recovered?: number;
}

const width = 540;
const height = 190;
const frame = { right: 20, top: 16, bottom: 24 };
/** Beside the axis: room for labels as they usually are, and for longer ones what a character takes at most. */
const labels = { room: 58, gap: 12, character: 7 };

/** An inline SVG with its caption; coordinates are rounded so that the bytes are the same everywhere. */
export function lineChart(chart: Chart): string {
  const { from, until, lines, thresholds, fault, recovered, unit } = chart;
  const ticks = valueTicks(chart);
  const longest = Math.max(...ticks.map((value) => quantity(value, unit).length));
  const left = Math.max(labels.room, labels.gap + labels.character * longest);
  const x = (at: number) =>
    round(left + ((at - from) / Math.max(1, until - from)) * (width - left - frame.right));
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const inner = height - frame.top - frame.bottom;
  const y = (value: number) => round(frame.top + inner - ((value - low) / (high - low || 1)) * inner);
  const bottom = height - frame.bottom;
  const vertical = (at: number, name: string) =>
    `<line class="${name}" x1="${x(at)}" x2="${x(at)}" y1="${frame.top}" y2="${bottom}"/>`;
  const parts = [
    `<rect class="fault" x="${x(fault[0])}" y="${frame.top}" width="${round(Math.max(0, x(fault[1]) - x(fault[0])))}" height="${inner}"/>`,
    ...ticks.map(
      (value) =>
        `<line class="grid" x1="${left}" x2="${width - frame.right}" y1="${y(value)}" y2="${y(value)}"/>` +
        `<text class="quiet" x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${html(quantity(value, unit))}</text>`,
    ),
    ...timeTicks(from, until, 5).map(
      (at) => `<text class="quiet" x="${x(at)}" y="${height - 6}" text-anchor="middle">${clock(at)}</text>`,
    ),
    vertical(0, 'inject'),
    `<text class="bad" x="${x(0) + 4}" y="${frame.top - 4}">injected</text>`,
    ...(recovered === undefined ? [] : [vertical(recovered, 'held'), recoveredLabel(x(recovered))]),
    ...thresholds.map(
      ({ value, name }) =>
        `<line class="threshold" x1="${left}" x2="${width - frame.right}" y1="${y(value)}" y2="${y(value)}"/>` +
        `<text class="warn" x="${left + 4}" y="${y(value) - 4}">${html(name)}</text>`,
    ),
    ...lines.map(({ points }, index) => {
      const drawn = pathOf(points, from, until, x, y, [low, high]);
      return `<path class="series s${(index % 6) + 1}" d="${drawn}"/>`;
    }),
  ];
  const legend =
    lines.length > 1
      ? `<p class="legend">${lines.map(({ name }, index) => `<span><span class="key s${(index % 6) + 1}">▬</span>${html(name)}</span>`).join('')}</p>`
      : '';
  const label = html(`${chart.title}, ${chart.about}`);
  return (
    `<figure><figcaption>${html(chart.title)} <span class="quiet">${html(chart.about)}</span></figcaption>` +
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts.join('')}</svg>${legend}</figure>`
  );
}

/** Beside its line, on the side where it has room. */
function recoveredLabel(at: number): string {
  const fits = at + 64 <= width;
  const place = fits ? `x="${round(at + 4)}"` : `x="${round(at - 4)}" text-anchor="end"`;
  return `<text class="good" ${place} y="${frame.top - 4}">recovered</text>`;
}

/** Round moments, at most `count` of them. */
export function timeTicks(from: number, until: number, count: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);
  const step = steps.find((one) => (until - from) / one <= count) ?? 7_200_000;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= until; at += step) ticks.push(at);
  return ticks;
}

/** Three to five round values that hold all points and thresholds. */
function valueTicks({ lines, thresholds, from, until }: Chart): number[] {
  const values = [
    ...lines.flatMap(({ points }) =>
      points.filter(([at]) => at >= from && at <= until).map(([, value]) => value),
    ),
    ...thresholds.map(({ value }) => value),
  ].filter(Number.isFinite);
  let low = Math.min(0, ...values);
  let high = Math.max(...values, low);
  // A level far from zero with little change would be a flat line at the top.
  const least = Math.min(...values);
  if (least > 0 && (high - least) / high < 0.2 && least / high > 0.8) low = least - (high - least) * 0.3;
  if (high === low) high = low + 1;
  const rough = (high - low) / 3;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((one) => one >= rough) ?? rough;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

function pathOf(
  points: readonly [number, number][],
  from: number,
  until: number,
  x: (at: number) => number,
  y: (value: number) => number,
  [low, high]: [number, number],
): string {
  let path = '';
  let broken = true;
  const gap = 4 * typicalStep(points);
  let before = Number.NEGATIVE_INFINITY;
  for (const [at, value] of points) {
    if (at < from || at > until) continue;
    if (Number.isNaN(value) || at - before > gap) broken = true;
    before = at;
    if (Number.isNaN(value)) continue;
    const clipped = Math.min(high, Math.max(low, value));
    path += `${broken ? 'M' : 'L'}${x(at)} ${y(clipped)}`;
    broken = false;
  }
  return path;
}

function typicalStep(points: readonly [number, number][]): number {
  const steps = points.slice(1).map(([at], index) => at - points[index]![0]);
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

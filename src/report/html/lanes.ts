import { html } from '../../words/escape.ts';
import { clock } from '../../words/time.ts';
import { withWho } from '../texts/who.ts';
import type { Lane, Moment } from '../timeline.ts';
import { timeTicks } from './line-chart.ts';

const width = 1116;
const gutter = 156;
const rowHeight = 22;
const top = 8;
/** A little more than the average of a sans-serif at 12 px, so that labels do not touch. */
const characterWidth = 6.4;

const titles: Record<Lane, string> = {
  fault: 'fault',
  turns: 'turns',
  symptom: 'symptom',
  alerts: 'alerts',
  actions: 'actions',
  declared: 'said',
  outcome: 'outcome',
};
const order: Lane[] = ['fault', 'turns', 'symptom', 'alerts', 'actions', 'declared', 'outcome'];

/** Lanes with a row for each of what is in them. */
const grouped: ReadonlySet<Lane> = new Set(['turns', 'alerts', 'actions']);

interface Row {
  title: string;
  moments: Moment[];
  /** Bars have no labels: their row is named. */
  labelled: boolean;
}

/** Everything on one scale of time: fault, symptom, each alert, actions by surface, what was said, how it ended. */
export function lanesSvg(moments: readonly Moment[]): string {
  if (moments.length === 0) return '';
  const until = Math.max(1000, ...moments.map(({ at, until: end }) => end ?? at)) * 1.01;
  const x = (at: number) => round(gutter + (Math.max(0, at) / until) * (width - gutter - 12));
  let y = top;
  const drawn: string[] = [];
  let lane = '';
  for (const row of rowsOf(moments.map(named(moments)))) {
    const { svg, height } = drawRow(row, y, x);
    if (row.title.split(' ')[0] !== lane) {
      drawn.push(`<line class="grid" x1="0" x2="${width}" y1="${y - 1}" y2="${y - 1}"/>`);
    }
    lane = row.title.split(' ')[0] ?? '';
    drawn.push(`<text class="quiet" x="0" y="${y + 15}">${html(shortened(row.title, 23))}</text>`, svg);
    y += height;
  }
  const ticks = timeTicks(0, until, 12).map(
    (at) =>
      `<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="${top}" y2="${y}"/>` +
      `<text class="quiet" x="${x(at)}" y="${y + 16}" text-anchor="middle">${clock(at)}</text>`,
  );
  const inject = `<line class="inject" x1="${x(0)}" x2="${x(0)}" y1="${top}" y2="${y}"/>`;
  return `<svg viewBox="0 0 ${width} ${y + 22}" role="img" aria-label="timeline">${ticks.join('')}${inject}${drawn.join('')}</svg>`;
}

/** Where several took part each deed is shown with its name. */
function named(moments: readonly Moment[]): (moment: Moment) => Moment {
  const people = new Set(moments.flatMap(({ who = 'unknown' }) => (who === 'unknown' ? [] : [who])));
  return (moment) => (people.size > 1 ? { ...moment, text: withWho(moment) } : moment);
}

function rowsOf(moments: readonly Moment[]): Row[] {
  return order.flatMap((lane): Row[] => {
    const own = moments.filter((one) => one.lane === lane);
    if (own.length === 0) return [];
    if (!grouped.has(lane)) {
      return [{ title: titles[lane], moments: own, labelled: true }];
    }
    const groups = [...new Set(own.map(({ group = '' }) => group))];
    return groups.map((group) => ({
      title: group,
      moments: own.filter((one) => (one.group ?? '') === group),
      labelled: lane === 'actions',
    }));
  });
}

/** Bars first, then marks; labels go to the first line of the row on which they do not touch another. */
function drawRow(
  { moments, labelled }: Row,
  y: number,
  x: (at: number) => number,
): { svg: string; height: number } {
  const ends: number[] = [];
  const svg = moments.map(({ at, until, text, meaning }) => {
    const tip = `<title>${html(`${clock(at)}${until === undefined ? '' : `–${clock(until)}`}  ${text}`)}</title>`;
    const left = x(at);
    if (until !== undefined) {
      const bar = `<rect class="m-${meaning}" x="${left}" y="${y + 6}" width="${round(Math.max(2, x(until) - left))}" height="10" rx="2">${tip}</rect>`;
      return labelled ? bar + label(text, left, y + 30, 'start') : bar;
    }
    if (!labelled) return `<circle class="m-${meaning}" cx="${left}" cy="${y + 11}" r="4.5">${tip}</circle>`;
    const shown = shortened(text, 46);
    const length = shown.length * characterWidth + 12;
    const turned = left + 8 + length > width;
    const [from, to] = turned ? [left - length, left + 6] : [left - 6, left + length];
    const free = ends.findIndex((end) => end < from);
    const line = free < 0 ? ends.length : free;
    ends[line] = to;
    const middle = y + line * (rowHeight - 4) + 11;
    const anchor = turned ? 'end' : 'start';
    return `<circle class="m-${meaning}" cx="${left}" cy="${middle}" r="4">${tip}</circle>${label(shown, turned ? left - 8 : left + 8, middle + 4, anchor)}`;
  });
  const bars = labelled && moments.some(({ until }) => until !== undefined);
  const lines = Math.max(1, ends.length, bars ? 2 : 1);
  return { svg: svg.join(''), height: 4 + rowHeight + (lines - 1) * (rowHeight - 4) };
}

function label(text: string, x: number, y: number, anchor: 'start' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${html(shortened(text, 130))}</text>`;
}

function shortened(text: string, length: number): string {
  const points = [...text];
  return points.length > length ? `${points.slice(0, length - 1).join('')}…` : text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

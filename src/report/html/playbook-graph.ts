import type { GradedStep, PlaybookGrade } from '../../grade/playbook/playbook.ts';
import type { Playbook } from '../../playbook/schema.ts';
import { html } from '../../words/escape.ts';
import { clock } from '../../words/time.ts';
import { withWho } from '../texts/who.ts';

const [boxWidth, boxHeight, between, below] = [250, 62, 18, 30];
/** Characters of a line in a box, at 12 px. */
const most = 37;

type Tone = 'good' | 'warn' | 'bad' | 'quiet';

interface Box {
  x: number;
  y: number;
  tone: Tone;
  /** Head, and up to two lines below it. */
  lines: string[];
  tip: string;
}

/**
 * The playbook from top to bottom: a step stands below those that it waits for, with when and by what it was done; beside
 * them what was done and is in no step, in order of time.
 */
export function playbookGraph({ steps }: Playbook, grade: PlaybookGrade): string {
  const depths = depthsOf(steps);
  const rows = Math.max(0, ...depths.values()) + 1;
  const columns = Array.from({ length: rows }, () => 0);
  const boxes = new Map<string, Box>();
  for (const step of grade.steps) {
    const row = depths.get(step.id) ?? 0;
    const column = columns[row]!++;
    boxes.set(step.id, { ...stepBox(step), x: column * (boxWidth + between), y: row * (boxHeight + below) });
  }
  const width = Math.max(1, ...columns) * (boxWidth + between);
  const beside = besides(grade).map(
    (box, index): Box => ({ ...box, x: width + between, y: 22 + index * (boxHeight + 10) }),
  );
  const edges = steps.flatMap(({ id, after }) =>
    after.flatMap((before) => {
      const [from, to] = [boxes.get(before), boxes.get(id)];
      return from && to ? [edge(from, to)] : [];
    }),
  );
  const right = beside.length === 0 ? width - between : width + between + boxWidth;
  const bottom = Math.max(...[...boxes.values(), ...beside].map(({ y }) => y + boxHeight), boxHeight);
  const head =
    beside.length === 0
      ? ''
      : `<text class="quiet" x="${width + between}" y="12">done, and in no step</text>`;
  return `<div class="wide"><svg class="graph" width="${right + 2}" height="${bottom + 2}" viewBox="-1 -1 ${right + 2} ${bottom + 2}" role="img" aria-label="playbook">${edges.join('')}${head}${[...boxes.values(), ...beside].map(drawn).join('')}</svg></div>`;
}

/** How many steps have to be done before each, in a row. A playbook has no circles. */
function depthsOf(steps: Playbook['steps']): Map<string, number> {
  const depths = new Map<string, number>();
  const depth = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const after = steps.find((step) => step.id === id)?.after ?? [];
    const own = after.length === 0 ? 0 : Math.max(...after.map(depth)) + 1;
    depths.set(id, own);
    return own;
  };
  for (const { id } of steps) depth(id);
  return depths;
}

function stepBox({
  id,
  status,
  at,
  by,
  who,
  optional,
  rating,
  because = [],
}: GradedStep): Omit<Box, 'x' | 'y'> {
  const tones: Partial<Record<GradedStep['status'], Tone>> = {
    done: 'good',
    early: 'warn',
    missing: 'bad',
    impossible: 'bad',
  };
  const when = at === undefined ? status : `${status} at ${clock(at)}`;
  const deed = by === undefined ? '' : withWho({ text: by, ...(who !== undefined && { who }) });
  const head = `${rating === undefined ? '' : `${rating}  `}${id}${optional ? ' (optional)' : ''}`;
  const note = because.length === 0 ? '' : `: ${because.join('; ')}`;
  const tone = optional && status === 'missing' ? 'quiet' : (tones[status] ?? 'quiet');
  return {
    tone,
    lines: [head, when + note, deed],
    tip: [head, when + note, deed].filter(Boolean).join(' · '),
  };
}

function besides({ harmful, undone, unplanned, helpful }: PlaybookGrade): Omit<Box, 'x' | 'y'>[] {
  const box = (
    tone: Tone,
    what: string,
    { at = 0, ...deed }: { at?: number; text: string; who?: string },
  ) => {
    const lines = [`${clock(at)}  ${what}`, withWho(deed)];
    return { at, tone, lines, tip: lines.join(' · ') };
  };
  return [
    ...harmful.map((deed) => box('bad', 'harmful', deed)),
    ...undone.map((deed) => box('bad', `took back ${deed.steps.join(', ')}`, deed)),
    ...unplanned.map((deed) => box('warn', 'unplanned', deed)),
    ...helpful.map((deed) => box('good', 'helpful', deed)),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ at: _, ...rest }) => rest);
}

function edge(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [from.x + boxWidth / 2, from.y + boxHeight, to.x + boxWidth / 2, to.y];
  const middle = (y1 + y2) / 2;
  return `<path class="edge" d="M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}"/>`;
}

function drawn({ x, y, tone, lines, tip }: Box): string {
  const texts = lines.map((line, index) => {
    const style = index === 0 ? 'head' : 'quiet';
    return `<text class="${style}" x="${x + 12}" y="${y + 19 + index * 17}">${html(shortened(line))}</text>`;
  });
  return `<g><title>${html(tip)}</title><rect class="box-${tone}" x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="6"/>${texts.join('')}</g>`;
}

function shortened(text: string): string {
  const points = [...text];
  return points.length > most ? `${points.slice(0, most - 1).join('')}…` : text;
}

const blocks = '▁▂▃▄▅▆▇█';

/**
 * The last `width` cells of a series as block characters, scaled from zero (or the smallest value, if that is
 * negative) to the largest. Several points in one cell: the largest is drawn, because a peak must not vanish.
 * A gap is a blank.
 */
export function sparkline(
  points: readonly [number, number | null][],
  width: number,
  range?: { from: number; until: number },
): string {
  const cells = range ? bucket(points, width, range) : points.slice(-width).map(([, value]) => value);
  const values = cells.filter((value): value is number => value !== null && Number.isFinite(value));
  const top = Math.max(...values, 0);
  const bottom = Math.min(...values, 0);
  const span = top - bottom;
  return cells
    .map((value) => {
      if (value === null || !Number.isFinite(value)) return ' ';
      const step = span === 0 ? 0 : Math.round(((value - bottom) / span) * (blocks.length - 1));
      return blocks[step];
    })
    .join('');
}

function bucket(
  points: readonly [number, number | null][],
  width: number,
  { from, until }: { from: number; until: number },
): (number | null)[] {
  const cells: (number | null)[] = Array.from({ length: width }, () => null);
  for (const [at, value] of points) {
    const cell = Math.floor(((at - from) / (until - from)) * width);
    if (cell < 0 || cell >= width || value === null || !Number.isFinite(value)) continue;
    const before = cells[cell];
    if (before === null || before === undefined || value > before) cells[cell] = value;
  }
  return cells;
}

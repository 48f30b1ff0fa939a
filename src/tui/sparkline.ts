const blocks = '▁▂▃▄▅▆▇█';

/**
 * A series as at most `width` block characters: all of it, or the time in `range`; scaled from zero (or the smallest value, if that is
 * negative) to the largest. Several points in one cell: the largest is drawn, because a peak must not vanish.
 * A gap is a blank.
 */
export function sparkline(
  points: readonly [number, number | null][],
  width: number,
  range?: { from: number; until: number },
): string {
  const cells = range ? bucket(points, width, range) : squeeze(points, width);
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

/** As many points to a cell as it takes. */
function squeeze(points: readonly [number, number | null][], width: number): (number | null)[] {
  const cells = Math.min(width, points.length);
  return Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * points.length) / cells);
    const until = Math.floor(((cell + 1) * points.length) / cells);
    const values = points.slice(from, until).flatMap(([, value]) => value ?? []);
    return values.length > 0 ? Math.max(...values) : null;
  });
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

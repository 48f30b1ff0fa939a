import type { Figure } from './measure.ts';

/** Figures as aligned columns. */
export function table(figures: readonly Figure[]): string[] {
  const width = (key: 'what' | 'value'): number =>
    Math.max(...figures.map((figure) => figure[key].length), 0);
  return figures.map(
    ({ what, value, how }) => `${what.padEnd(width('what'))}  ${value.padEnd(width('value'))}  ${how}`,
  );
}

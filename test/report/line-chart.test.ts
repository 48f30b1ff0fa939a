import { expect, test } from 'vitest';
import { lineChart } from '../../src/report/html/line-chart.ts';

test('labels of the axis have room in front of it, however long they are', () => {
  const drawn = (top: number) =>
    lineChart({
      ...{ title: 'Rows', about: '', unit: '/s', from: 0, until: 60_000, thresholds: [] },
      lines: [
        {
          name: 'orders',
          points: [
            [0, 0],
            [60_000, top],
          ],
        },
      ],
      fault: [10_000, 50_000],
    });
  for (const top of [3, 3e6, 3e9]) {
    const labels = [
      ...drawn(top).matchAll(/<text class="quiet" x="([\d.]+)"[^>]*text-anchor="end">([^<]*)</g),
    ];
    expect(labels.length).toBeGreaterThan(1);
    // Six units of the drawing a character, in its font.
    for (const [, x, text] of labels) expect(Number(x)).toBeGreaterThanOrEqual(6 * text!.length);
  }
});

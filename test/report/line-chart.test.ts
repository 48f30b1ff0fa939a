import { expect, it } from 'vitest';
import { lineChart } from '../../src/report/html/line-chart.ts';

const chart = (recovered: number): string =>
  lineChart({
    ...{ title: 'Checkout p95', about: '', unit: 's', from: -60_000, until: 360_000 },
    ...{ lines: [], thresholds: [], fault: [0, recovered], recovered },
  });
const label = (recovered: number): string => /<text class="good"[^>]*>/.exec(chart(recovered))?.[0] ?? '';

it('has the word of the recovery inside the chart, also where that was at its end', () => {
  expect(label(120_000)).not.toContain('text-anchor');
  expect(label(355_000)).toContain('text-anchor="end"');
});

it('has the last label of the time whole', () => {
  const svg = lineChart({
    ...{ title: 't', about: 'a', unit: 's', from: 0, until: 180_000, lines: [], thresholds: [] },
    fault: [0, 60_000],
  });
  const [, width] = /viewBox="0 0 (\d+)/.exec(svg) ?? [];
  const [, x] = /x="([\d.]+)"[^>]*>03:00</.exec(svg) ?? [];
  // Half of five digits at 11 pixels.
  expect(Number(x) + 18).toBeLessThanOrEqual(Number(width));
});

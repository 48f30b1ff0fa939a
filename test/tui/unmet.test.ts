import { expect, it } from 'vitest';
import { unmetText } from '../../src/tui/unmet.ts';

it('says what a game waits for by names that give nothing away', () => {
  const unmet = [
    { id: 'latency', holds: false, seen: '0.4 s (expected below 250 ms)' },
    { id: 'secret-check', holds: false, seen: 'edge has no pods' },
    { id: 'alerts-left-over', holds: false, seen: 'Haymaker is firing since the previous game' },
    { id: 'monitoring-is-young', holds: false, seen: '3 of 16 samples before a game to compare it with' },
  ];
  const game = { signals: [{ id: 'latency', title: 'p95 latency' }] } as never;
  expect(unmetText({ game, unmet }).split('; ')).toEqual([
    'p95 latency 0.4 s (expected below 250 ms)',
    '1 more steady-state check failing',
    'an alert from the previous game is still firing',
    'Prometheus has just started: 3 of 16 samples before a game to compare it with',
  ]);
});

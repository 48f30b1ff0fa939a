import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { skipsWithout } from '../slow/monitor/installed.ts';
import { dice, someRules, someSeries } from './generated.ts';
import { ourAlerts, promtoolSays } from './promtool.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
afterAll(() => rmSync(folder, { recursive: true }));

const seeds = Number(process.env.BACKTEST_SEEDS ?? 10);

describe('rules over recorded samples', () => {
  it.skipIf(skipsWithout('promtool', 'prometheus'))(
    'fire when promtool says so, with its labels, minute by minute',
    () => {
      let firing = 0;
      for (let seed = 1; seed <= seeds; seed++) {
        const random = dice(seed);
        const series = someSeries(random);
        const rules = someRules(random);
        const tests = ourAlerts(rules, series);
        firing += tests.filter(({ exp_alerts: alerts }) => alerts.length > 0).length;
        expect(promtoolSays(folder, { rules, series, tests }), `seed ${seed}\n${rules}`).toBe('');
      }
      expect(firing).toBeGreaterThan(seeds * 20);
    },
  );
});

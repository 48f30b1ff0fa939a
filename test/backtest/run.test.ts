import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { skipsWithout } from '../slow/monitor/installed.ts';
import { comparedWithPromtool } from './promtool.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('rules over recorded samples', () => {
  it.skipIf(skipsWithout('promtool', 'prometheus'))(
    'fire when promtool says so, with its labels, minute by minute: 10 rule files',
    () => {
      // 100 in test/slow/backtest/rules.test.ts.
      expect(comparedWithPromtool(folder, 10)).toBeGreaterThan(200);
    },
  );
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { comparedWithPromtool } from '../../backtest/promtool.ts';
import { skipsWithout } from '../monitor/installed.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('rules over recorded samples', () => {
  it.skipIf(skipsWithout('promtool', 'prometheus'))(
    'fire when promtool says so, with its labels, minute by minute: 100 rule files',
    () => {
      expect(comparedWithPromtool(folder, 100)).toBeGreaterThan(2000);
    },
    600_000,
  );
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeProgram } from '../../src/cli/program/program.ts';
import { packageRoot } from '../../src/paths.ts';
import type { Comparison } from '../../src/report/compare.ts';

const game = (name: string) => join(packageRoot, 'test/fixtures/games', name);
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  vi.stubEnv('MISFORTUNE_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

async function compare(...words: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  await makeProgram().parseAsync(['node', 'misfortune', 'games', 'compare', ...words]);
  return text;
}

describe('misfortune games compare', () => {
  it('tells what became better and worse, and judges no times of people', async () => {
    const text = await compare(game('haymaker-badly'), game('haymaker-mitigated'), '--json');
    const { games, rows } = JSON.parse(text) as Comparison;
    // Oldest first, however they are named.
    expect(games.map(({ injectedAt }) => injectedAt)).toEqual(
      games.map(({ injectedAt }) => injectedAt).sort(),
    );
    const row = (what: string) => rows.find((one) => one.what === what);
    expect(row('followed')).toMatchObject({ values: ['100 %', '0 %'], change: 'worse' });
    // They differ by a tenth of a second, and rules are evaluated each second.
    expect(row('CheckoutLatencyHigh: from the first symptom to firing')).toMatchObject({ change: 'unclear' });
    const times = rows.filter(({ subject }) => subject === 'response');
    expect(times.length).toBeGreaterThan(5);
    expect(times.filter(({ change }) => change !== undefined)).toEqual([]);
  });

  it('says of a game and itself that all of it is the same', async () => {
    const { rows } = JSON.parse(
      await compare(game('broken-upstream-mitigated'), game('broken-upstream-mitigated'), '--json'),
    ) as Comparison;
    expect(new Set(rows.flatMap(({ change }) => change ?? []))).toEqual(new Set(['same']));
  });

  it('prints a table of Markdown', async () => {
    const text = await compare(game('haymaker-badly'), game('haymaker-mitigated'), '--markdown');
    expect(text).toMatch(/^# Paying takes forever \(haymaker\): 2 games\n/);
    expect(text).toContain('| playbook: followed | 100 % | 0 % | worse |');
  });

  it('refuses games of two scenarios, one game, and games beside --scenario', async () => {
    const both = compare(game('haymaker-badly'), game('broken-upstream-mitigated'));
    await expect(both).rejects.toThrow('Expected games of one scenario, got haymaker, broken-upstream.');
    await expect(compare(game('haymaker-badly'))).rejects.toThrow(
      'Expected two games or more that were played, got 1.',
    );
    const twice = compare(game('haymaker-badly'), '--scenario', 'haymaker');
    await expect(twice).rejects.toThrow('Expected games or --scenario, got both.');
  });
});

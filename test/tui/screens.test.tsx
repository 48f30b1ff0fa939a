import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { render } from 'ink';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { Help } from '../../src/tui/draw/help.tsx';
import { footer, nothing } from '../../src/tui/input/keys.ts';
import type { Screen } from '../../src/tui/screen.ts';
import { screens } from '../../src/tui/screens/screens.ts';
import { TestTerminal } from './terminal.ts';

it('lists every screen that there is a file for', () => {
  const entries = readdirSync(join(packageRoot, 'src/tui/screens')).map((file) => parse(file).name);
  expect(Object.keys(screens).sort()).toEqual(entries.filter((name) => name !== 'screens').sort());
});

describe.each(Object.entries<Screen>(screens))('the screen %s', (_, screen) => {
  const keys = screen.keys.map(({ key }) => key);

  it('lists exactly its keys in its help, and the key that always works', async () => {
    const terminal = new TestTerminal(120, 36);
    const { unmount } = render(<Help screen={screen} />, { stdout: terminal.stdout, debug: true });
    const text = await terminal.shows('Any key closes this page.');
    unmount();
    const listed = text
      .split('\n')
      .filter((line) => line.trim())
      .slice(0, -1)
      .map((line) => [line.slice(0, 9).trim(), line.slice(9).trim()]);
    expect(listed).toEqual([
      ...screen.keys.map(({ key, help }) => [glyphs[key] ?? key, help]),
      ['Ctrl-C', 'end the game, restore the cluster and quit'],
    ]);
  });

  it('has each key once, and a word for each', () => {
    expect(new Set(keys).size).toBe(keys.length);
    expect(screen.keys.filter(({ help }) => help.length < 5)).toEqual([]);
  });

  it('has keys for what it does, and for nothing else', () => {
    expect(keys.includes('return')).toBe(screen.enter !== nothing);
    expect(keys.includes('escape')).toBe(screen.back !== nothing);
    expect(keys.includes('up')).toBe(keys.includes('down'));
  });

  it('names in its footer only keys that it has, and always the one that lists them', () => {
    for (const columns of [60, 80, 120]) {
      const line = footer(screen.keys, columns);
      expect(line.length).toBeLessThanOrEqual(columns - 2);
      expect(line).toContain('? keys');
      const named = line.split(/ {2,}/).map((part) => part.split(' ')[0]);
      expect([...keys.map((key) => glyphs[key] ?? key), '↑↓']).toEqual(expect.arrayContaining(named));
    }
  });
});

const glyphs: Record<string, string> = { return: '⏎', escape: 'esc', up: '↑', down: '↓' };

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gamesEvidence } from '../../src/cli/commands/games/evidence.ts';
import { packageRoot } from '../../src/paths.ts';

let home: string;
let page: string;
let data: {
  games: number;
  broken: { game: string }[];
  playbooks: { name: string; games: number; steps: { id: string; done: number; skipped: number }[] }[];
  alerts: { name: string; games: number; fired: number }[];
};
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'evidence-'));
  vi.stubEnv('MISFORTUNE_HOME', join(home, 'state'));
  const recorded = join(packageRoot, 'test/fixtures/games');
  for (const game of ['haymaker-mitigated', 'haymaker-badly'])
    cpSync(join(recorded, game), join(home, 'all', game), { recursive: true });
  // The same again, and one that cannot be read.
  cpSync(join(recorded, 'haymaker-badly'), join(home, 'all/haymaker-badly-2'), { recursive: true });
  mkdirSync(join(home, 'all/torn'));
  writeFileSync(join(home, 'all/torn/log.jsonl'), 'not a log\n');
  page = await printed({});
  data = JSON.parse(await printed({ json: true }));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

async function printed(options: { json?: boolean }, folder = 'all'): Promise<string> {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  await gamesEvidence(join(home, folder), options).finally(() => spy.mockRestore());
  return text;
}

describe('misfortune games evidence', () => {
  it('counts for each step how often it was done and skipped', () => {
    const playbook = data.playbooks.find(({ name }) => name === 'latency-without-a-deploy');
    expect(playbook?.games).toBe(3);
    expect(playbook?.steps.find(({ id }) => id === 'stop-the-source')).toMatchObject({ done: 1, skipped: 2 });
    expect(page).toContain('| stop-the-source | 1 | 2 | 0 | 0 |');
  });

  it('asks whether a step is needed that most skip, not of optional ones, nor of what nobody could see', () => {
    expect(page).toContain('2 of 3 games skipped `stop-the-source`: is it needed?');
    expect(page).not.toMatch(/skipped `(tell|rule-out-a-deploy)`/);
    expect(page).toContain('| tell | 1 | 0 | 2 | 0 |');
  });

  it('takes a game of `validate` for a drill, and asks nothing of the steps that its script left out', async () => {
    const game = join(packageRoot, 'test/fixtures/games/haymaker-badly');
    for (const copy of ['one', 'two']) {
      const folder = join(home, 'proved', copy);
      cpSync(game, folder, { recursive: true });
      const log = join(folder, 'log.jsonl');
      writeFileSync(log, readFileSync(log, 'utf8').replace(/"player":"[^"]*"/, '"player":"validate"'));
    }
    const text = await printed({}, 'proved');
    expect(text).toMatch(/\| latency-without-a-deploy \| 2 \|/);
    expect(text).not.toMatch(/skipped|candidate/);
  });

  it('asks nothing of steps that each game did', async () => {
    const game = join(packageRoot, 'test/fixtures/games/haymaker-mitigated');
    for (const copy of ['one', 'two']) cpSync(game, join(home, 'good', copy), { recursive: true });
    expect(await printed({}, 'good')).not.toContain('is it needed?');
  });

  it('says of each playbook and alert where it was drilled last, and with what result', () => {
    expect(page).toMatch(
      /\| latency-without-a-deploy \| 3 \| \d{4}-\d\d-\d\d \| sandbox \| \d of \d steps done, game \w+ \(haymaker-/,
    );
    expect(data.alerts.find(({ name }) => name === 'CheckoutLatencyHigh')).toMatchObject({ games: 3 });
    expect(page).toMatch(/\| CheckoutLatencyHigh \| 3 \| \d \| 0 \|/);
  });

  it('names what was never drilled', () => {
    expect(page).toMatch(/Never drilled \(36 playbooks\): app-shows-errors, /);
    expect(page).toMatch(/Never drilled \(\d+ alerts\): .*BackupFailed/);
  });

  it('spends one line on a game that cannot be read', () => {
    expect(data.broken.map(({ game }) => game)).toEqual(['torn']);
    expect(page.split('\n').filter((line) => line.startsWith('Not read: torn: '))).toHaveLength(1);
  });

  it('refuses a folder that is not there', async () => {
    await expect(gamesEvidence(join(home, 'gone'), {})).rejects.toThrow('Expected a folder of games');
  });
});

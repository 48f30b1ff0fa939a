import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gamesMetrics } from '../../src/cli/commands/games/metrics.ts';
import { packageRoot } from '../../src/paths.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'metrics-'));
  vi.stubEnv('MISFORTUNE_HOME', join(home, 'state'));
  for (const game of ['haymaker-mitigated', 'haymaker-badly'])
    cpSync(join(packageRoot, 'test/fixtures/games', game), join(home, 'all', game), { recursive: true });
  mkdirSync(join(home, 'all/torn'));
  writeFileSync(join(home, 'all/torn/log.jsonl'), 'not a log\n');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

async function printed(): Promise<string> {
  let text = '';
  const [out, error] = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  out.mockImplementation((part) => {
    text += String(part);
    return true;
  });
  error.mockReturnValue(true);
  await gamesMetrics(join(home, 'all'), {}).finally(() => {
    out.mockRestore();
    error.mockRestore();
  });
  return text;
}

/** A Pushgateway as its README has it: PUT replaces a group of metrics. */
async function gateway(status: number) {
  const taken: { method: string; url: string; body: string }[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      taken.push({ method: request.method ?? '', url: request.url ?? '', body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, taken, close: () => server.close() };
}

describe('misfortune games metrics', () => {
  it('counts games by how they ended, and those that cannot be read', async () => {
    const text = await printed();
    expect(text).toMatch(/^misfortune_games\{.*scenario="haymaker".*ending="mitigated".*\} 1$/m);
    expect(text).toMatch(/^misfortune_games_unread 1$/m);
  });

  it('tells the times and scores of the last game of a scenario, and nothing of those before', async () => {
    const lines = (await printed()).split('\n').filter((line) => !line.startsWith('#'));
    const of = (name: string) => lines.filter((line) => line.startsWith(`misfortune_${name}{`));
    expect(of('last_game_timestamp_seconds')).toHaveLength(1);
    expect(of('last_game_score_ratio').filter((line) => line.includes('subject="playbook"'))).toHaveLength(1);
    for (const line of of('last_game_seconds')) expect(Number(line.split('} ')[1])).toBeGreaterThanOrEqual(0);
    expect(of('last_game_seconds').join()).not.toContain('until="injected"');
    expect(lines.join('\n')).not.toMatch(/NaN|undefined/);
  });

  it('pushes them to a Pushgateway, in place of what was there', async () => {
    const { url, taken, close } = await gateway(202);
    await gamesMetrics(join(home, 'all/haymaker-mitigated'), { push: url }).finally(close);
    expect(taken).toMatchObject([{ method: 'PUT', url: '/metrics/job/misfortune' }]);
    expect(taken[0]?.body).toContain('misfortune_games{');
  });

  it.each([400, 503])('says so when the Pushgateway answers %s', async (status) => {
    const { url, close } = await gateway(status);
    const pushed = gamesMetrics(join(home, 'all/haymaker-mitigated'), { push: url }).finally(close);
    await expect(pushed).rejects.toThrow(`${url} did not take the metrics`);
  });

  it('refuses what is no URL before it reads a game', async () => {
    await expect(gamesMetrics(join(home, 'nowhere'), { push: 'pushgateway:9091' })).rejects.toThrow(
      'Expected an http or https URL for --push',
    );
  });
});

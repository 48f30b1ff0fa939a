import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Program, startProgram, stopAll, until } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'edge-'));
const file = join(folder, 'upstreams.yaml');
afterEach(stopAll);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeUpstreams(urls: readonly string[]): void {
  const entries = urls.map(
    (url, index) => `  - name: till-${index + 1}\n    address: ${new URL(url).host}\n`,
  );
  writeFileSync(file, `upstreams:\n${entries.join('')}`);
}

async function startShop(): Promise<{ edge: Program; storefront: Program }> {
  const storefront = await startProgram('storefront', { PORT: '0,0,0,0,0,0' });
  writeUpstreams(storefront.urls);
  return { storefront, edge: await startProgram('edge', { UPSTREAMS_FILE: file }) };
}

/** Status codes of `count` requests, one after the other. */
async function statuses(edge: Program, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const response = await fetch(`${edge.urls[0]}/prices`);
    await response.arrayBuffer();
    seen.push(response.status);
  }
  return seen;
}

/** An address of loopback where nothing listens. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('edge', () => {
  it('gives each upstream the same number of requests', async () => {
    const { edge } = await startShop();
    expect(new Set(await statuses(edge, 60))).toEqual(new Set([200]));
    for (let till = 1; till <= 6; till += 1)
      expect(
        await edge.metric('edge_upstream_requests_total', { upstream: `till-${till}`, code: '200' }),
      ).toBe(10);
  });

  it('fails one request in six when one of six upstreams is dead, and recovers when the file is mended', async () => {
    const { edge, storefront } = await startShop();
    const dead = await deadAddress();
    writeUpstreams([...storefront.urls.slice(0, 5), dead]);
    await until(
      () => edge.lines.some((line) => String(line.upstreams).includes(new URL(dead).host)),
      'the dead entry in use',
    );
    const broken = await statuses(edge, 60);
    expect(broken.filter((status) => status === 502)).toHaveLength(10);
    expect(await edge.metric('edge_upstream_requests_total', { upstream: 'till-6', code: '502' })).toBe(10);

    writeUpstreams(storefront.urls);
    const loads = () => edge.lines.filter((line) => line.msg === 'upstreams loaded').length;
    await until(() => loads() === 3, 'the mended file in use');
    expect(new Set(await statuses(edge, 30))).toEqual(new Set([200]));
    expect((await edge.admin('/readyz')).status).toBe(200);
  });

  it('keeps the last good list when the file is broken, and says so', async () => {
    const { edge } = await startShop();
    writeFileSync(file, 'upstreams:\n  - name: till-1\n    address: nowhere\n');
    await until(
      async () => (await edge.metric('edge_config_last_reload_successful')) === 0,
      'the broken file noticed',
    );
    expect(new Set(await statuses(edge, 12))).toEqual(new Set([200]));
    expect(edge.lines.find((line) => line.msg === 'upstreams file not loaded')?.error).toContain(
      'upstreams[0].address',
    );
  });

  it('counts the reason for which an upstream gave no answer', async () => {
    const dead = await deadAddress();
    writeFileSync(
      file,
      `upstreams:\n  - address: name-of-nobody.invalid:80\n  - address: ${new URL(dead).host}\n`,
    );
    const edge = await startProgram('edge', { UPSTREAMS_FILE: file });
    const failures = (upstream: string, reason: string) =>
      edge.metric('edge_upstream_failures_total', { upstream, reason });
    expect(await failures('name-of-nobody.invalid:80', 'ENOTFOUND')).toBe(0);
    expect(await statuses(edge, 2)).toEqual([502, 502]);
    expect(await failures('name-of-nobody.invalid:80', 'ENOTFOUND')).toBe(1);
    expect(await failures(new URL(dead).host, 'ECONNREFUSED')).toBe(1);
  });

  it('answers 504 when an upstream accepts a request and never answers it', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    writeUpstreams([`http://127.0.0.1:${(silent.address() as AddressInfo).port}`]);
    const edge = await startProgram('edge', { UPSTREAMS_FILE: file, UPSTREAM_TIMEOUT_MS: '200' });
    expect(await statuses(edge, 1)).toEqual([504]);
    await edge.stop();
    await new Promise((resolve) => silent.close(resolve));
  });
});

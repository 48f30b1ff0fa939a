import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startProgram, stopAll, until } from './program.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  stopAll();
  for (const end of ends.splice(0).reverse()) await end();
});

/** An origin whose only file has a version that the test decides. */
async function startOrigin() {
  const origin = { version: 1, up: true, asked: 0, url: '' };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    origin.asked += 1;
    if (!origin.up) return response.writeHead(500).end();
    if (request.url !== '/prices.json') return response.writeHead(404).end();
    const etag = `"${origin.version}"`;
    const headers = { etag, 'last-modified': new Date(origin.version * 1000).toUTCString() };
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end();
    return response.writeHead(200, headers).end(`version ${origin.version}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  return origin;
}

async function start(lifetime = 1) {
  const origin = await startOrigin();
  const folder = mkdtempSync(join(tmpdir(), 'assets-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'cache.yaml');
  const set = (lifetimeSeconds: string | number, generation = 1) =>
    writeFileSync(file, `lifetimeSeconds: ${lifetimeSeconds}\ngeneration: ${generation}\n`);
  set(lifetime);
  const env = { ORIGIN_URL: origin.url, SETTINGS_FILE: file, LOOK_EVERY_MS: '50' };
  const assets = await startProgram('assets', env);
  const get = async (path = '/prices.json') => {
    const response = await fetch(`${assets.urls[0]}/assets${path}`);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  await until(async () => (await get()).text === 'version 1', 'the first version');
  const isRead = (lifetimeSeconds: number) =>
    until(() => assets.lines.some((line) => line.lifetimeSeconds === lifetimeSeconds), 'the setting');
  return { origin, assets, get, set, isRead };
}

describe('assets', () => {
  it('serves what it has, and what is newer when the lifetime is over, without a request of anybody', async () => {
    const { origin, assets, get } = await start();
    origin.version = 2;
    const modified = () => assets.metric('assets_file_modified_timestamp_seconds', { path: '/prices.json' });
    await until(async () => (await modified()) === 2, 'the second version');
    const { text, headers } = await get();
    expect(text).toBe('version 2');
    expect(headers.get('last-modified')).toBe('Thu, 01 Jan 1970 00:00:02 GMT');
    expect(headers.get('cache-control')).toBe('max-age=1');
    expect(headers.get('x-cache')).toBe('HIT');
    const current = () => assets.metric('assets_origin_requests_total', { outcome: 'current' });
    await until(async () => (await current()) > 0, 'an origin that says that it is current');
  });

  it('keeps a file for the lifetime that it was fetched with, whatever the setting says later', async () => {
    const { origin, get, set, isRead } = await start(1000);
    origin.version = 2;
    set(1);
    await isRead(1);
    const asked = origin.asked;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await get()).text).toBe('version 1');
    expect(origin.asked).toBe(asked);
    set(1, 2);
    await until(async () => (await get()).text === 'version 2', 'the second version');
    origin.version = 3;
    await until(async () => (await get()).text === 'version 3', 'the third version');
  });

  it('serves what it has while the origin fails, tells so, and passes on what the origin does not have', async () => {
    const { origin, assets, get } = await start();
    expect((await get('/nothing.json')).status).toBe(404);
    origin.up = false;
    const errors = () => assets.metric('assets_origin_requests_total', { outcome: 'error' });
    await until(async () => (await errors()) > 0, 'an origin that fails');
    const { status, text, headers } = await get();
    expect([status, text, headers.get('x-cache')]).toEqual([200, 'version 1', 'STALE']);
    expect((await get('/nothing.json')).status).toBe(502);
  });

  it('leaves the last good setting in use', async () => {
    const { origin, assets, get, set } = await start();
    set('long');
    await until(() => assets.lines.some(({ msg }) => msg === 'settings not read'), 'the refusal');
    origin.version = 2;
    await until(async () => (await get()).text === 'version 2', 'the second version');
  });
});

describe('price-sync', () => {
  it('offers each copy as a file with a version of its own, which the CDN and the load balancer pass on', async () => {
    const storefront = await startProgram('storefront', { PORT: '0,0,0,0,0,0' });
    const sync = await startProgram('price-sync', {
      PRICES_URL: `${storefront.urls[0]}/prices`,
      EVERY_SECONDS: '0.2',
    });
    const first = `${sync.urls[0]}/prices.json`;
    expect((await fetch(first)).status).toBe(503);
    await until(async () => (await fetch(first)).status === 200, 'a copy');
    const etag = (await fetch(first)).headers.get('etag');
    await until(async () => (await fetch(first)).headers.get('etag') !== etag, 'the next copy');

    const folder = mkdtempSync(join(tmpdir(), 'edge-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const settings = join(folder, 'cache.yaml');
    writeFileSync(settings, 'lifetimeSeconds: 5\n');
    const assets = await startProgram('assets', { ORIGIN_URL: sync.urls[0]!, SETTINGS_FILE: settings });
    const file = join(folder, 'upstreams.yaml');
    writeFileSync(file, `upstreams:\n  - address: ${new URL(storefront.urls[0]!).host}\n`);
    const edge = await startProgram('edge', {
      UPSTREAMS_FILE: file,
      ASSETS_ADDR: new URL(assets.urls[0]!).host,
    });
    const response = await fetch(`${edge.urls[0]}/assets/prices.json`);
    expect(response.headers.get('last-modified')).toMatch(/GMT$/);
    expect(response.headers.get('age')).toMatch(/^\d$/);
    expect(await response.json()).toMatchObject({ prices: { espresso: 2.2 } });
    expect(await edge.metric('edge_upstream_requests_total', { upstream: 'assets', code: '200' })).toBe(1);
  });
});

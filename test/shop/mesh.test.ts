import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, startProgram, stopAll, until } from './program.ts';
import { measureUnnamed } from './unnamed.ts';

const folder = mkdtempSync(join(tmpdir(), 'mesh-'));
let shop: Record<'checkout' | 'worker' | 'storefront' | 'edge' | 'customers', Program>;

beforeAll(async () => {
  const checkout = await startProgram('checkout', { WORK: 'simulated', QUOTE_CPU_MS: '1', PAY_CPU_MS: '1' });
  const worker = await startProgram('worker');
  const storefront = await startProgram('storefront', {
    CHECKOUT_URL: checkout.urls[0]!,
    WORKER_URL: worker.urls[0]!,
  });
  const file = join(folder, 'upstreams.yaml');
  writeFileSync(file, `upstreams:\n  - address: ${new URL(storefront.urls[0]!).host}\n`);
  const edge = await startProgram('edge', { UPSTREAMS_FILE: file });
  const customers = await startProgram('customers', { SHOP_URL: edge.urls[0]!, RATE: '60' });
  shop = { checkout, worker, storefront, edge, customers };
});
afterAll(() => {
  stopAll();
  rmSync(folder, { recursive: true, force: true });
});

describe('customers', () => {
  it('come only when the shop is open', async () => {
    const file = join(folder, 'closed.yaml');
    writeFileSync(file, 'upstreams:\n  - address: 127.0.0.1:1\n');
    const edge = await startProgram('edge', { UPSTREAMS_FILE: file });
    const customers = await startProgram('customers', { SHOP_URL: edge.urls[0]!, RATE: '200' });
    await until(
      async () => (await edge.metric('http_requests_total', { code: '502' })) > 0,
      'a knock at the door',
    );
    expect(await customers.metric('customers_visits_total')).toBe(0);
    writeFileSync(file, `upstreams:\n  - address: ${new URL(shop.storefront.urls[0]!).host}\n`);
    await until(
      async () => (await customers.metric('customers_visits_total', { outcome: 'ok' })) > 0,
      'visits',
    );
    expect(await edge.metric('http_requests_total', { code: '502' })).toBeLessThan(10);
    await customers.stop();
  });
});

describe('the whole shop', () => {
  it('serves its customers: browse, quote and pay, and a receipt for each payment', async () => {
    for (const action of ['browse', 'quote', 'pay'])
      await until(
        async () => (await shop.customers.metric('customers_visits_total', { action, outcome: 'ok' })) > 3,
        action,
      );
    await until(async () => (await shop.worker.metric('worker_jobs_done_total')) > 3, 'receipts sent');
  });

  it('names every client that is in the mesh', async () => {
    const inbound = (program: Program, client: string) =>
      program.metric('request_total', { direction: 'inbound', client, tls: 'true' });
    await until(
      async () => (await inbound(shop.checkout, 'storefront.shop')) > 0,
      'storefront seen by checkout',
    );
    expect(await inbound(shop.edge, 'customers.shop')).toBeGreaterThan(0);
    expect(await inbound(shop.storefront, 'edge.shop')).toBeGreaterThan(0);
    expect(await inbound(shop.worker, 'storefront.shop')).toBeGreaterThan(0);
    expect(
      await shop.storefront.metric('request_total', { direction: 'outbound', dst: 'checkout.shop' }),
    ).toBeGreaterThan(0);
    expect(await shop.checkout.metric('request_total', { client: '', direction: 'inbound' })).toBe(0);
  });

  it('has no name for a client outside of the mesh', async () => {
    const sent = await measureUnnamed(`${shop.checkout.urls[0]}/quote`);
    const unnamed = { direction: 'inbound', client: '', tls: 'no_identity' };
    expect(await shop.checkout.metric('request_total', unnamed)).toBe(sent);
  });
});

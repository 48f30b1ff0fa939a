import { afterEach, expect, it } from 'vitest';
import { type Program, startProgram, stopAll } from './program.ts';

afterEach(stopAll);

async function storefront(env: Record<string, string> = {}): Promise<{ shop: Program; checkout: Program }> {
  const checkout = await startProgram('checkout', { WORK: 'simulated' });
  const shop = await startProgram('storefront', {
    PORT: '0,0,0,0,0,0',
    CHECKOUT_URL: checkout.urls[0]!,
    ...env,
  });
  return { shop, checkout };
}

/** Asks for a price three times, and counts the calls to checkout that it took, as the mesh sees them. */
async function callsForThree(shop: Program): Promise<number> {
  for (let left = 3; left > 0; left -= 1) {
    const answer = await fetch(`${shop.urls[0]}/quote`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ total: expect.any(Number), currency: 'EUR' });
  }
  return await shop.metric('request_total', { direction: 'outbound', dst: 'checkout.shop' });
}

it('a basket is priced with one call to checkout, and line by line with one for each of its four lines', async () => {
  const [whole, lines] = await Promise.all([storefront(), storefront({ QUOTE_BY: 'line' })]);
  expect(await callsForThree(whole.shop)).toBe(3);
  expect(await callsForThree(lines.shop)).toBe(12);
  expect(await lines.checkout.metric('http_requests_total', { route: '/quote' })).toBe(12);
});

it('a line that checkout does not price is no price for the basket', async () => {
  const { shop } = await storefront({ QUOTE_BY: 'line', CHECKOUT_URL: 'http://127.0.0.1:1' });
  expect((await fetch(`${shop.urls[0]}/quote`)).status).toBe(502);
  // The first line is enough to know.
  expect(await shop.metric('request_total', { direction: 'outbound', dst: 'checkout.shop' })).toBe(1);
});

it('an unknown way to price a basket ends the program at its start', async () => {
  await expect(startProgram('storefront', { QUOTE_BY: 'weight' })).rejects.toThrow('ended with 1');
});

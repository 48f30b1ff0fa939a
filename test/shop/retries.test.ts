import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Retries } from '../../src/shop/programs/shared/retries.ts';

/** How often something that fails for its first `failures` times is tried in one call. */
async function tries(retries: Retries, failures: number): Promise<number> {
  let made = 0;
  await retries.call(
    'checkout.shop',
    async () => (made += 1),
    (outcome) => outcome <= failures,
  );
  return made;
}

const always = Number.POSITIVE_INFINITY;

describe('retries', () => {
  it('makes a call again until it works, and no more often than is set', async () => {
    const retries = new Retries({ retries: 3, budget: 1, registry: new Registry() });
    expect(await tries(retries, 0)).toBe(1);
    expect(await tries(retries, 2)).toBe(3);
    expect(await tries(retries, always)).toBe(4);
  });

  it('makes a call once where none is set', async () => {
    expect(await tries(new Retries({ retries: 0, budget: 1, registry: new Registry() }), always)).toBe(1);
  });

  it('when everything fails, adds no more than the budget, beyond what was saved up', async () => {
    const registry = new Registry();
    const retries = new Retries({ retries: 20, budget: 0.2, registry });
    let made = 0;
    for (let calls = 0; calls < 100; calls += 1) made += await tries(retries, always);
    // 100 first tries, 20 by the budget, 10 that were saved.
    expect(made).toBeGreaterThanOrEqual(129);
    expect(made).toBeLessThanOrEqual(130);
    expect(await registry.metrics()).toMatch(/client_retries_total\{dst="checkout.shop"\} (29|30)\n/);
  });

  it('returns the last outcome, of a call that never worked too', async () => {
    const retries = new Retries({ retries: 1, budget: 1, registry: new Registry() });
    const outcomes = ['busy', 'busier'];
    expect(
      await retries.call(
        'checkout.shop',
        async () => outcomes.shift(),
        () => true,
      ),
    ).toBe('busier');
  });
});

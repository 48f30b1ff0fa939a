import { describe, expect, it } from 'vitest';
import { openDocument, readScenario } from '../../src/game/start/documents.ts';
import { liveSignals } from '../../src/game/watch/live-signals.ts';

const titles = async (name: string) => {
  const scenario = readScenario(await openDocument(`scenarios/${name}.yaml`), {});
  return liveSignals(scenario, []).map(({ title }) => title);
};

describe('the signals on the screen', () => {
  it('are what the steady state measures', async () => {
    expect(await titles('hpa-misconfigured')).toEqual(['Checkout p95', 'Checkout replicas']);
  });

  it('are not what has to be otherwise when all is well again: a till that stays closed', async () => {
    expect(await titles('stale-registry')).toEqual(['Errors at the edge']);
  });

  it('are, too, what the oracle asks more loosely', async () => {
    expect(await titles('minor-traffic-bump')).toContain('Errors of checkout');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { quietFindings, watchOnce } from '../../../src/game/validate/quiet.ts';
import { connectMonitoring } from '../../../src/signal/monitoring.ts';
import { type SmallPrometheus, startSmallPrometheus } from '../small-cluster.ts';

let prometheus: SmallPrometheus;
beforeAll(async () => {
  prometheus = await startSmallPrometheus();
});
afterAll(() => prometheus.close());

/** Active since the watch began, unless it is said to be older. */
const alert = (name: string, state: string, since = Date.now() + 1000) => ({
  ...{ state, labels: { alertname: name }, annotations: {}, value: '1' },
  activeAt: new Date(since).toISOString(),
});
/** Half an hour in half a second. */
const setup = () => ({
  clock: realClock,
  speed: 3600,
  monitoring: connectMonitoring({ prometheus: { url: prometheus.url } }),
});

describe('the half hour in which nothing is broken', () => {
  it('finds the alerts that fire in it, those that end again too, and is watched once for all who ask', async () => {
    prometheus.alerts = [alert('Flapping', 'firing'), alert('Slow', 'pending')];
    const watch = watchOnce();
    const signal = new AbortController().signal;
    const first = watch(setup(), signal);
    setTimeout(() => {
      prometheus.alerts = [alert('Late', 'firing')];
    }, 150);
    const [alarms, again] = await Promise.all([first, watch(setup(), signal)]);
    expect(alarms.map(({ name }) => name)).toEqual(['Flapping', 'Late']);
    expect(again).toBe(alarms);
    expect(await watch(setup(), signal)).toBe(alarms);
  });

  it('does not blame the quiet for what fires since a game before it and ends soon', async () => {
    prometheus.alerts = [alert('OfTheGame', 'firing', Date.now() - 1000)];
    setTimeout(() => {
      prometheus.alerts = [];
    }, 20);
    expect(await watchOnce()(setup(), new AbortController().signal)).toEqual([]);
    prometheus.alerts = [alert('ForGood', 'firing', Date.now() - 1000)];
    const alarms = await watchOnce()(setup(), new AbortController().signal);
    expect(alarms.map(({ name }) => name)).toEqual(['ForGood']);
  });

  it('is watched anew where it failed, and ends when it is called off', async () => {
    prometheus.alerts = [];
    const watch = watchOnce();
    await expect(watch(setup(), AbortSignal.abort(new Error('called off')))).rejects.toThrow('called off');
    expect(await watch(setup(), new AbortController().signal)).toEqual([]);
  });

  it('fails a scenario whose own alert fired in it, and only tells it of others', () => {
    const alarms = [
      { name: 'Slow', afterMs: 61_000 },
      { name: 'Other', afterMs: 5_000 },
    ];
    const found = (...expected: string[]) => {
      const named = expected.map((name) => ({ name, or: [], weight: 1 }));
      return quietFindings({ alerts: { expected: named } }, alarms);
    };
    expect(found('Slow')).toEqual({
      problems: ['Slow fired after 61 s, while nothing was broken'],
      evidence: ['Other, which is not expected here, fired after 5 s'],
    });
    expect(found('Quiet').problems).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBody, GameEvent } from '../../src/log/events.ts';
import { initialState, reduce, reduceAll } from '../../src/log/state.ts';
import { gameTimes } from '../../src/log/times.ts';
import { anyLog } from './event-arbitrary.ts';

const created: EventBody = {
  type: 'game-created',
  game: '2026-11-22-0742',
  scenario: 'haymaker',
  title: 'Paying takes forever',
  difficulty: 2,
  briefing: '',
  owner: 'checkout',
  playbook: 'latency',
  timeout: 1200,
  hints: 1,
  sandbox: true,
  cluster: 'sandbox',
  speed: 1,
  seed: 1,
  player: 'someone',
  version: '0.1.0',
  signals: [{ id: 'p95', title: 'p95 latency', unit: 's', objective: { below: 0.25 }, query: 'p95' }],
  dashboards: [],
};

/** Events a second apart, in the order given. */
function log(...bodies: EventBody[]): GameEvent[] {
  return bodies.map((body, index) => ({
    v: 1,
    seq: index + 1,
    at: index * 1000,
    mono: index * 1000,
    ...body,
  }));
}

const alert = (state: 'pending' | 'firing' | 'inactive', name = 'CheckoutLatencyHigh'): EventBody => ({
  type: 'alert-changed',
  name,
  labels: { service: 'checkout' },
  annotations: {},
  state,
  activeAt: 3000,
});

describe('the state of a game', () => {
  it('follows from any prefix of any log without throwing', () => {
    fc.assert(
      fc.property(anyLog, (events) => {
        for (let length = 0; length <= events.length; length++) {
          const state = reduceAll(events.slice(0, length));
          gameTimes(state);
          expect(state.seq).toBe(length);
        }
      }),
    );
  });

  it('is the same for the same log, and reducing changes nothing that was handed out', () => {
    fc.assert(
      fc.property(anyLog, (events) => {
        const frozen = structuredClone(events);
        const states = [initialState];
        for (const event of events) states.push(reduce(states.at(-1) ?? initialState, event));
        const copies = structuredClone(states);
        expect(reduceAll(events)).toEqual(states.at(-1));
        expect(states).toEqual(copies);
        expect(events).toEqual(frozen);
      }),
      { numRuns: 50 },
    );
  });

  it('survives an event of a newer version', () => {
    const [event] = log({ type: 'invented-later' } as unknown as EventBody);
    expect(reduce(initialState, event as GameEvent)).toEqual({ ...initialState, seq: 1, at: 0 });
  });

  it('keeps each time an alert came as its own episode', () => {
    const state = reduceAll(
      log(created, alert('pending'), alert('firing'), alert('inactive'), alert('pending'), alert('inactive')),
    );
    expect(state.alerts).toMatchObject([
      { pendingAt: 1000, firingAt: 2000, inactiveAt: 3000, state: 'inactive' },
      { pendingAt: 4000, inactiveAt: 5000, state: 'inactive' },
    ]);
  });

  it('finds the episode of a notification by name when labels were dropped on the way', () => {
    const notified: EventBody = {
      type: 'alert-notified',
      name: 'CheckoutLatencyHigh',
      labels: {},
      receivers: ['checkout'],
    };
    const [episode] = reduceAll(log(created, alert('firing'), notified)).alerts;
    expect(episode).toMatchObject({ notifiedAt: 2000, receivers: ['checkout'] });
  });

  it('takes the newer report of an action that went on', () => {
    const action = {
      id: 's1',
      at: 0,
      until: 1,
      who: 'a',
      surface: 'kubectl' as const,
      effect: 'read' as const,
      title: 'kubectl get pods -w',
      requests: [],
    };
    const state = reduceAll(
      log({ type: 'action-seen', action }, { type: 'action-seen', action: { ...action, until: 9 } }),
    );
    expect(state.actions).toEqual([{ ...action, until: 9 }]);
  });
});

describe('the times of a game', () => {
  it('are the moments of a mitigated game in order', () => {
    const state = reduceAll(
      log(
        created,
        { type: 'baseline-taken', checks: [], alertsFiring: [], from: 0, until: 0 },
        { type: 'injected' },
        { type: 'signals-sampled', samples: [{ id: 'p95', value: 0.9 }] },
        alert('pending'),
        alert('firing'),
        { type: 'alert-notified', name: 'CheckoutLatencyHigh', labels: {}, receivers: ['checkout'] },
        { type: 'acknowledged', who: 'a' },
        { type: 'diagnosed', who: 'a', origin: 'x', originRight: false, mechanismRight: true },
        {
          type: 'diagnosed',
          who: 'a',
          origin: 'y',
          mechanism: 'load',
          originRight: true,
          mechanismRight: true,
        },
        { type: 'oracle-checked', checks: [], holds: true, heldForMs: 0 },
        { type: 'claimed', who: 'a', accepted: true, failing: [] },
        { type: 'ended', ending: 'mitigated', why: 'claimed' },
        alert('inactive'),
      ),
    );
    expect(gameTimes(state)).toEqual({
      injected: 2000,
      symptom: 3000,
      pending: 4000,
      firing: 5000,
      notified: 6000,
      acknowledged: 7000,
      diagnosed: 9000,
      changed: undefined,
      mitigated: 10_000,
      verified: 11_000,
      alertsReset: 13_000,
      ended: 12_000,
      restored: undefined,
    });
  });

  it('leave out alerts that fired before the fault, and a reset that has not come', () => {
    const state = reduceAll(
      log(
        created,
        { type: 'baseline-taken', checks: [], alertsFiring: ['Noise'], from: 0, until: 0 },
        { type: 'injected' },
        alert('firing', 'Noise'),
        alert('firing'),
      ),
    );
    expect(gameTimes(state)).toMatchObject({ firing: 4000, alertsReset: undefined });
  });

  it('begin with the first change of a fault, though a rollout and a decoy follow it', () => {
    const operation = (id: string, role?: 'decoy') => ({
      ...{ id, fault: id, verb: 'patch' as const, ref: 'deployment/shop/feed', describe: id },
      ...{ reverts: 'reverts' as const, ...(role && { role }) },
    });
    const state = reduceAll(
      log(
        created,
        {
          ...{ type: 'plan-made', permissions: [], blastRadius: [] },
          operations: [operation('early', 'decoy'), operation('fault'), operation('late', 'decoy')],
        },
        { type: 'operation-applied', id: 'early' },
        { type: 'operation-applied', id: 'fault' },
        { ...alert('pending'), activeAt: 3500 } as EventBody,
        { ...alert('firing', 'Earlier'), activeAt: 500 } as EventBody,
        { ...alert('firing', 'Fast'), activeAt: 5000 } as EventBody,
        { type: 'operation-applied', id: 'late' },
        { type: 'injected' },
        { ...alert('firing'), activeAt: 3500 } as EventBody,
      ),
    );
    expect(state.injectedAt).toBe(3000);
    expect(state.alerts.map(({ name, background }) => [name, background])).toEqual([
      ['CheckoutLatencyHigh', false],
      ['Earlier', true],
      ['Fast', false],
    ]);
    expect(gameTimes(state)).toMatchObject({ injected: 3000, pending: 4000, firing: 6000 });
  });

  it('have no mitigation when the time ran out, even if the oracle once held', () => {
    const state = reduceAll(
      log(
        created,
        { type: 'injected' },
        { type: 'oracle-checked', checks: [], holds: true, heldForMs: 0 },
        { type: 'ended', ending: 'timed-out', why: '' },
      ),
    );
    expect(gameTimes(state).mitigated).toBeUndefined();
  });
});

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { currentGame } from '../../src/game/api/current.ts';
import { type Conductor, openConductor } from '../../src/game/conductor.ts';
import { findUnrestored } from '../../src/game/start/unrestored.ts';
import type { Scorecard } from '../../src/grade/scorecard.ts';
import { readJson } from '../../src/log/folder.ts';
import { gameTimes } from '../../src/log/times.ts';
import { scenarioText, startSmallTown } from './small-cluster.ts';
import { stateOf, townGames, typesOf, untilPlayed } from './town-games.ts';

const on = townGames();

const rudeness = () => ({
  state: 'firing',
  labels: { alertname: 'Rudeness' },
  annotations: {},
  activeAt: new Date().toISOString(),
  value: '1',
});

/** The time in the scorecard at which alerts were over. */
function resetIn(conductor: Conductor) {
  const { response } = readJson(conductor.folder.scorecard) as Scorecard;
  return response.times.find(({ name }) => name === 'alertsReset');
}

describe('a game', () => {
  it('is played from the briefing to the debrief, and leaves the cluster as it was', async () => {
    const conductor = await on.open();
    const running = conductor.run();
    await untilPlayed(conductor);
    expect(on.town.tone()).toBe('rude');
    const client = connectConductor(conductor.address, 'responder');
    expect(await client.declare({ type: 'resolve', who: 'a' })).toMatchObject({ accepted: false });
    expect(await client.origins('configmap')).toContain('configmap/town/greeter');
    await client.declare({
      type: 'diagnose',
      who: 'a',
      origin: 'configmap/town/greeter',
      mechanism: 'config',
    });
    on.town.setTone('kind');
    expect(await client.declare({ type: 'resolve', who: 'a' })).toMatchObject({ accepted: true });
    expect(await running).toMatchObject({ ending: 'mitigated', exitCode: 0, leftover: [] });
    const state = stateOf(conductor);
    expect(state).toMatchObject({
      phase: 'debrief',
      restored: { differences: [], conflicts: [] },
      closed: { exitCode: 0 },
    });
    expect(state.claims.map((claim) => claim.accepted)).toEqual([false, true]);
    const { injected, diagnosed, mitigated, verified, ended, restored } = gameTimes(state);
    const order = [injected, diagnosed, mitigated, verified, restored];
    expect(order).toEqual([...order].sort((a, b) => (a ?? 0) - (b ?? 0)));
    // By the claim that was accepted, and with it the game ended.
    expect(ended! - verified!).toBeLessThan(2000);
    expect(on.town.server.api.get('leases.coordination.k8s.io', 'default', 'maintenance')).toBeUndefined();
    expect(currentGame(on.home)).toBeUndefined();
    expect(readdirSync(conductor.folder.path).sort()).toEqual(
      [
        'baseline.json',
        'dashboards',
        'ledger.jsonl',
        'log.jsonl',
        'params.json',
        'playbook.yaml',
        'rules.json',
        'scenario.yaml',
        'scorecard.json',
        'series',
      ].sort(),
    );
    expect(existsSync(join(conductor.folder.path, state.series?.file ?? ''))).toBe(true);
  });

  it('ends by itself when the oracle holds long enough and nobody claims', async () => {
    const conductor = await on.open();
    const running = conductor.run();
    await untilPlayed(conductor);
    on.town.setTone('kind');
    expect(await running).toMatchObject({
      ending: 'mitigated',
      why: expect.stringContaining('without a claim'),
    });
  });

  it('times out when nothing is done, and is restored', async () => {
    const conductor = await on.open({ speed: 100 });
    expect(await conductor.run()).toMatchObject({ ending: 'timed-out', exitCode: 1, leftover: [] });
    expect(on.town.tone()).toBe('kind');
  });

  it('is not played when the fault shows no effect, and says so', async () => {
    const conductor = await on.open({ params: { mood: 'bored' } });
    expect(await conductor.run()).toMatchObject({
      ending: 'not-started',
      why: expect.stringContaining('had no effect'),
    });
    expect(on.town.tone()).toBe('kind');
    expect(typesOf(conductor)).toContain('no-effect');
  });

  it.each(['brief', 'respond'])('restores when it is aborted in the phase %s', async (phase) => {
    const conductor = await on.open({ autoStart: phase !== 'brief' });
    const running = conductor.run();
    if (phase === 'respond') await untilPlayed(conductor);
    const client = connectConductor(conductor.address, 'responder');
    await client.declare({ type: 'abort', who: 'a' });
    expect(await running).toMatchObject({ ending: 'aborted', why: 'a aborted the game', leftover: [] });
    expect(on.town.tone()).toBe('kind');
  });

  it('is graded at once, and again when the last alert is over', async () => {
    const conductor = await on.open();
    const running = conductor.run();
    await untilPlayed(conductor);
    on.town.prometheus.alerts = [rudeness()];
    await expect.poll(() => stateOf(conductor).alerts).toMatchObject([{ name: 'Rudeness', state: 'firing' }]);
    on.town.setTone('kind');
    await expect.poll(() => stateOf(conductor).graded, { timeout: 20_000 }).toBeDefined();
    expect(stateOf(conductor).closed).toBeUndefined();
    expect(resetIn(conductor)).not.toHaveProperty('at');
    on.town.prometheus.alerts = [];
    expect(await running).toMatchObject({ ending: 'mitigated', exitCode: 0 });
    expect(resetIn(conductor)?.at).toBeGreaterThan(0);
    expect(typesOf(conductor).filter((type) => type === 'graded')).toHaveLength(2);
  });

  it('does not wait for alerts of whom nobody wants to hear any more', async () => {
    const conductor = await on.open();
    const running = conductor.run();
    await untilPlayed(conductor);
    on.town.prometheus.alerts = [rudeness()];
    await expect.poll(() => stateOf(conductor).alerts).toHaveLength(1);
    on.town.setTone('kind');
    await expect.poll(() => stateOf(conductor).graded, { timeout: 20_000 }).toBeDefined();
    const client = connectConductor(conductor.address, 'master');
    expect(await client.declare({ type: 'abort', who: 'a' })).toMatchObject({ accepted: true });
    expect(await running).toMatchObject({ ending: 'mitigated', exitCode: 0 });
    expect(stateOf(conductor).closed).toBeDefined();
  });

  it('is ended for the sake of what is outside its target', async () => {
    const abort = 'abort:\n  - { id: crowd, promql: { query: crowd, above: 10 } }\noracle:';
    const text = scenarioText.replace('oracle:', abort);
    const conductor = await on.open({ scenario: parseSource('scenario.yaml', text).document! });
    const running = conductor.run();
    await untilPlayed(conductor);
    on.town.prometheus.value = 20;
    expect(await running).toMatchObject({
      ending: 'aborted',
      why: 'the abort check crowd holds: 20 (expected above 10)',
      leftover: [],
    });
    expect(on.town.tone()).toBe('kind');
  });

  it('goes on while Prometheus is down, with gaps', async () => {
    const conductor = await on.open();
    const running = conductor.run();
    await untilPlayed(conductor);
    on.town.prometheus.broken = true;
    await expect.poll(() => stateOf(conductor).failing, { timeout: 20_000 }).toEqual(['prometheus']);
    on.town.prometheus.broken = false;
    await expect.poll(() => stateOf(conductor).failing, { timeout: 20_000 }).toEqual([]);
    on.town.setTone('kind');
    expect(await running).toMatchObject({ ending: 'mitigated' });
  });

  it('undoes what a responder changed, from its pre-image', async () => {
    const { api } = on.town.server;
    const conductor = await on.open();
    const running = conductor.run();
    await untilPlayed(conductor);
    const before = structuredClone(api.get('configmaps', 'town', 'greeter'));
    const client = connectConductor(conductor.address, 'responder');
    const image = {
      sequence: 1,
      actionId: 'x',
      at: Date.now(),
      who: 'a',
      apiVersion: 'v1',
      kind: 'ConfigMap',
      resource: 'configmaps',
      namespace: 'town',
      name: 'greeter',
      uid: before?.metadata.uid,
      verb: 'patch',
    };
    await client.preimages([{ ...image, before: before as unknown as Record<string, unknown> }]);
    api.update('configmaps', 'town', 'greeter', (draft) => ({
      ...draft,
      data: { tone: 'kind', extra: 'mine' },
    }));
    const after = api.get('configmaps', 'town', 'greeter') as unknown as Record<string, unknown>;
    await client.preimages([{ ...image, after }]);
    await client.declare({ type: 'resolve', who: 'a' });
    expect(await running).toMatchObject({ ending: 'mitigated', leftover: [] });
    expect(api.get('configmaps', 'town', 'greeter')?.data).toEqual({ tone: 'kind' });
    expect(stateOf(conductor).preimages).toBe(1);
  });

  it('takes no changes of responders before it has begun', async () => {
    const conductor = await on.open({ autoStart: false });
    const running = conductor.run();
    const client = connectConductor(conductor.address, 'responder');
    const image = {
      sequence: 1,
      actionId: 'x',
      at: 0,
      who: 'a',
      apiVersion: 'v1',
      kind: 'Pod',
      resource: 'pods',
      name: 'x',
      verb: 'delete',
    };
    await expect(client.preimages([image])).rejects.toMatchObject({ code: 'no-changes-now' });
    conductor.abort(new Error('enough'));
    await running;
  });

  it('refuses a second one beside it, and is the current game meanwhile', async () => {
    const conductor = await on.open({ autoStart: false });
    const running = conductor.run();
    expect(currentGame(on.home)?.address).toEqual(conductor.address);
    await expect(on.open()).rejects.toMatchObject({ code: 'game-running' });
    conductor.abort(new Error('enough'));
    await running;
  });

  it('tells responders nothing of scenario, fault and oracle before the debrief', async () => {
    const conductor = await on.open();
    const seen: unknown[] = [];
    const client = connectConductor(conductor.address, 'responder');
    const reading = (async () => {
      for await (const event of client.events()) {
        if (event.type === 'phase-entered' && event.phase === 'debrief') break;
        seen.push(event);
      }
    })();
    const running = conductor.run();
    await untilPlayed(conductor);
    seen.push(await client.game());
    seen.push(await client.declare({ type: 'resolve', who: 'a' }));
    on.town.setTone('kind');
    await running;
    await reading;
    const told = JSON.stringify(seen);
    expect(told).toContain('Customers are greeted rudely');
    expect(told).not.toMatch(/wrong-greeting|greet-well|tone|rude"|oracle/);
  });

  it('leaves a ledger when the API server is gone for good, and `recover` is offered', async () => {
    const ownHome = mkdtempSync(join(tmpdir(), 'home-'));
    const doomed = await startSmallTown(ownHome);
    let isGone = false;
    const conductor = await openConductor(await doomed.setup({ isGone: () => isGone }));
    const running = conductor.run();
    await untilPlayed(conductor);
    expect(await findUnrestored(ownHome)).toEqual([]);
    await doomed.server.close();
    isGone = true;
    expect(await running).toMatchObject({
      ending: 'aborted',
      exitCode: 5,
      leftover: [expect.stringContaining('not restored')],
    });
    expect(await findUnrestored(ownHome)).toMatchObject([{ id: conductor.folder.id }]);
    await doomed.close();
    rmSync(ownHome, { recursive: true });
  });
});

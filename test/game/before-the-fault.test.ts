import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { readJson } from '../../src/log/folder.ts';
import { scenarioText } from './small-cluster.ts';
import { stateOf, townGames, typesOf, untilPlayed } from './town-games.ts';

const on = townGames();

/** An alert that has been firing for so long, ms. */
const rings = (age: number) => ({
  ...{ state: 'firing', labels: { alertname: 'RudeGreeting' }, annotations: {}, value: '1' },
  activeAt: new Date(Date.now() - age).toISOString(),
});
const expectsAlert = parseSource(
  'scenario.yaml',
  scenarioText.replace('diagnosis:', 'alerts: { expected: [RudeGreeting] }\ndiagnosis:'),
).document!;

describe('a game, before its fault', () => {
  it('waits for a stack that is not steady yet, and says to the game master what is in the way', async () => {
    on.town.prometheus.value = 3;
    const conductor = await on.open();
    const running = conductor.run();
    await expect
      .poll(() => stateOf(conductor).unmet)
      .toMatchObject([{ id: 'polite', holds: false, value: 3, seen: '3 (expected below 0.5)' }]);
    expect(typesOf(conductor)).not.toContain('plan-made');
    on.town.prometheus.value = 0.1;
    await untilPlayed(conductor);
    expect(stateOf(conductor)).toMatchObject({ unmet: [], baseline: { checks: [{ holds: true }] } });
    on.town.setTone('kind');
    expect(await running).toMatchObject({ ending: 'mitigated' });
  });

  it('waits until a Prometheus that has just started has samples to compare with', async () => {
    on.town.prometheus.samples = 5;
    const conductor = await on.open();
    const running = conductor.run();
    const seen = expect.stringMatching(/^[0-5] of 16 samples before a game to compare it with$/);
    await expect
      .poll(() => stateOf(conductor).unmet)
      .toEqual([{ id: 'monitoring-is-young', holds: false, seen }]);
    expect(typesOf(conductor)).not.toContain('plan-made');
    on.town.prometheus.samples = 2000;
    await untilPlayed(conductor);
    conductor.abort(new Error('enough'));
    await running;
  });

  it('does not wait for those samples where nobody will compare with them', async () => {
    on.town.prometheus.samples = 5;
    const conductor = await on.open({ waitsForQuiet: false });
    const running = conductor.run();
    await untilPlayed(conductor);
    expect(typesOf(conductor)).not.toContain('steady-state-awaited');
    conductor.abort(new Error('enough'));
    await running;
  });

  it('takes its measures in the steady state, not before', async () => {
    on.town.prometheus.value = 3;
    const scenario = scenarioText.replace('mood: rude', 'mood: rude, usual: { promql: rudeness }');
    const conductor = await on.open({ scenario: parseSource('scenario.yaml', scenario).document! });
    const running = conductor.run();
    await expect.poll(() => stateOf(conductor).unmet).not.toEqual([]);
    on.town.prometheus.value = 0.1;
    await untilPlayed(conductor);
    expect(readJson(conductor.folder.params)).toMatchObject({ usual: 0.1 });
    conductor.abort(new Error('enough'));
    await running;
  });

  it('waits for an expected alert that an earlier game left behind', async () => {
    on.town.prometheus.alerts = [rings(0)];
    const conductor = await on.open({ scenario: expectsAlert });
    const running = conductor.run();
    await expect
      .poll(() => stateOf(conductor).unmet)
      .toEqual([
        { id: 'alerts-left-over', holds: false, seen: 'RudeGreeting is firing since the previous game' },
      ]);
    expect(typesOf(conductor)).not.toContain('plan-made');
    on.town.prometheus.alerts = [];
    await untilPlayed(conductor);
    expect(stateOf(conductor)).toMatchObject({ unmet: [], baseline: { alertsFiring: [] } });
    conductor.abort(new Error('enough'));
    await running;
  });

  it.each([
    ['after six minutes in which an alert of before stays', 0, true],
    ['at once where an alert has been on for hours', 2 * 3_600_000, false],
  ])('begins %s, which then counts for nothing', async (_, age, isAwaited) => {
    on.town.prometheus.alerts = [rings(age)];
    const conductor = await on.open({ scenario: expectsAlert, speed: 100 });
    const running = conductor.run();
    await untilPlayed(conductor);
    expect(typesOf(conductor).includes('steady-state-awaited')).toBe(isAwaited);
    const { baseline, phases } = stateOf(conductor);
    expect(baseline).toMatchObject({ alertsFiring: ['RudeGreeting'] });
    const begun = phases.find(({ phase }) => phase === 'baseline')!.at;
    expect(baseline!.at - begun >= 6 * 600).toBe(isAwaited);
    conductor.abort(new Error('enough'));
    await running;
  });

  it('is aborted at once while it waits for the steady state', async () => {
    on.town.prometheus.value = 3;
    const conductor = await on.open();
    const running = conductor.run();
    await expect.poll(() => stateOf(conductor).unmet).not.toEqual([]);
    const client = connectConductor(conductor.address, 'responder');
    await client.declare({ type: 'abort', who: 'a' });
    expect(await running).toMatchObject({ ending: 'aborted', why: 'a aborted the game', leftover: [] });
    expect(existsSync(conductor.folder.ledger)).toBe(false);
  });

  it('is not begun on a stack that stays ill, and touches nothing', async () => {
    on.town.prometheus.value = 3;
    const conductor = await on.open({ speed: 100 });
    expect(await conductor.run()).toMatchObject({
      ending: 'not-started',
      exitCode: 3,
      why: expect.stringContaining('polite: 3 (expected below 0.5)'),
    });
    expect(existsSync(conductor.folder.ledger)).toBe(false);
    expect(typesOf(conductor)).not.toContain('plan-made');
  });

  it('is not begun without the label on the namespace', async () => {
    const { api } = on.town.server;
    api.update('namespaces', undefined, 'town', (draft) => ({
      ...draft,
      metadata: { ...draft.metadata, labels: {} },
    }));
    const conductor = await on.open();
    expect(await conductor.run()).toMatchObject({ ending: 'not-started', exitCode: 3 });
    expect(typesOf(conductor)).not.toContain('operation-recorded');
    const labels = { 'misfortune.dev/game-days': 'allowed' };
    api.update('namespaces', undefined, 'town', (draft) => ({
      ...draft,
      metadata: { ...draft.metadata, labels },
    }));
  });
});

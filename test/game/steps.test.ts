import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { openConductor } from '../../src/game/conductor.ts';
import type { Scorecard } from '../../src/grade/scorecard.ts';
import { readJson } from '../../src/log/folder.ts';
import { readLog } from '../../src/log/log.ts';
import { reduceAll } from '../../src/log/state.ts';
import { writeReports } from '../../src/report/write.ts';
import { type SmallTown, scenarioText, startSmallTown } from './small-cluster.ts';

let home: string;
let town: SmallTown;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
});
afterAll(async () => {
  await town.close();
  rmSync(home, { recursive: true });
});

/** At a speed of 40: 40 s are one. */
const steps = scenarioText.replace(
  'oracle:',
  `  - id: louder
    after: 40s
    config: { configMap: town/greeter, set: { volume: loud } }
  - id: echo
    when: { field: { ref: configmap/town/greeter, path: data.volume, equals: loud }, within: 2m }
    config: { configMap: town/greeter, set: { echo: twice } }
  - id: never
    after: 4m
    config: { configMap: town/greeter, set: { speed: slow } }
decoys:
  - id: new-sign
    why: A sign greets nobody.
    apply: { manifests: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: sign, namespace: town }, data: { text: hello } }] }
  - id: rumour
    when: { field: { ref: configmap/town/greeter, path: data.tone, equals: unheard-of }, within: 20s }
    why: Nobody said so.
    config: { configMap: town/greeter, set: { rumour: heard } }
  - id: bells
    noise: true
    after: 20s
    why: The bells ring every day.
    config: { configMap: town/greeter, set: { bells: ring } }
oracle:`,
);

it('does later steps while people respond, keeps decoys apart, and undoes what was done by the end', async () => {
  const conductor = await openConductor(
    await town.setup({ scenario: parseSource('scenario.yaml', steps).document! }),
  );
  const running = conductor.run();
  const client = connectConductor(conductor.address, 'responder');
  const told: string[] = [];
  for await (const event of client.events()) {
    told.push(JSON.stringify(event));
    if (event.type === 'phase-entered' && event.phase === 'respond') break;
  }
  const data = () => town.server.api.get('configmaps', 'town', 'greeter')?.data as Record<string, string>;
  expect(data()).toEqual({ tone: 'rude' });
  expect(town.server.api.get('configmaps', 'town', 'sign')).toBeDefined();
  await expect
    .poll(data, { timeout: 20_000 })
    .toEqual({ tone: 'rude', bells: 'ring', volume: 'loud', echo: 'twice' });
  await client.actions([
    {
      ...{
        id: 'a',
        at: Date.now(),
        until: Date.now(),
        who: 'responder',
        surface: 'kubectl',
        effect: 'mutate',
      },
      title: 'kubectl delete configmap sign',
      requests: [
        {
          verb: 'delete',
          group: '',
          version: 'v1',
          resource: 'configmaps',
          namespace: 'town',
          name: 'sign',
          status: 200,
        },
      ],
    },
  ]);
  town.setTone('kind');
  expect(await client.declare({ type: 'resolve', who: 'responder' })).toMatchObject({ accepted: true });
  expect(await running).toMatchObject({ ending: 'mitigated', leftover: [] });
  expect(data()).toEqual({ tone: 'kind' });
  expect(town.server.api.get('configmaps', 'town', 'sign')).toBeUndefined();
  const { plan, leftOut } = reduceAll(readLog(conductor.folder.log).events);
  expect(leftOut).toMatchObject([{ fault: 'rumour', check: { holds: false, seen: expect.any(String) } }]);
  expect(plan?.operations.map(({ fault, role, status }) => [fault, role, status])).toEqual([
    ['tone', undefined, 'reverted'],
    ['echo', undefined, 'reverted'],
    ['new-sign', 'decoy', 'reverted'],
    ['rumour', 'decoy', 'planned'],
    ['bells', 'noise', 'reverted'],
    ['louder', undefined, 'reverted'],
    ['never', undefined, 'planned'],
  ]);
  // Until the debrief nobody is told of them.
  expect(told.join()).not.toMatch(/new-sign|bells|louder|echo|rumour/);
  const { response } = readJson(conductor.folder.scorecard) as Scorecard;
  expect(response.decoys).toMatchObject([
    { id: 'new-sign', noise: false, touched: [{ text: 'kubectl delete configmap sign' }] },
    { id: 'bells', noise: true, touched: [] },
  ]);
  expect(response.times.find(({ name }) => name === 'changed')?.at).toBeUndefined();
  await writeReports(conductor.folder);
  const report = readFileSync(join(conductor.folder.path, 'report.md'), 'utf8');
  expect(report).toContain('rumour was left out, its condition did not hold');
  expect(report).not.toMatch(/speed = slow|rumour = heard/);
  expect(report).toContain('A sign greets nobody. Changed in vain: `kubectl delete configmap sign`');
});

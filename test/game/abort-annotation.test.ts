import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectConductor } from '../../src/game/api/client.ts';
import { openConductor } from '../../src/game/conductor.ts';
import { type SmallTown, startSmallTown } from './small-cluster.ts';

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

const namespace = { kind: 'namespace', name: 'town' };
const annotate = async (value: string | null) => {
  const { cluster } = await town.setup();
  const metadata = { annotations: { 'misfortune.dev/abort': value } };
  await cluster.patch(namespace, 'merge', { metadata });
};

it('ends and restores a game whose namespace somebody annotates, and begins none until it is taken away', async () => {
  const conductor = await openConductor(await town.setup());
  const running = conductor.run();
  for await (const event of connectConductor(conductor.address, 'responder').events())
    if (event.type === 'phase-entered' && event.phase === 'respond') break;
  expect(town.tone()).toBe('rude');
  await annotate('we have an incident');
  expect(await running).toMatchObject({
    ...{ ending: 'aborted', leftover: [] },
    why: 'somebody stopped the game with an annotation on the namespace town: we have an incident',
  });
  expect(town.tone()).toBe('kind');

  const refused = await openConductor(await town.setup());
  expect(await refused.run()).toMatchObject({
    ...{ ending: 'not-started', exitCode: 3 },
    why: expect.stringContaining('Games in the namespace town are blocked by the annotation'),
  });
  await annotate(null);
});

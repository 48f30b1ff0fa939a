import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectConductor } from '../../../src/game/api/client.ts';
import { openConductor } from '../../../src/game/conductor.ts';
import type { GameSetup } from '../../../src/game/start/setup.ts';
import { readLog } from '../../../src/log/log.ts';
import { type SmallTown, startSmallTown } from '../small-cluster.ts';
import { startChannel, type TestChannel } from './channel.ts';

let home: string;
let town: SmallTown;
let channel: TestChannel;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
});
afterAll(async () => {
  await town.close();
  rmSync(home, { recursive: true });
});
beforeEach(async () => {
  channel = await startChannel();
  town.setTone('kind');
});
afterEach(() => channel.close());

const told = (): GameSetup['announce'] => ({
  cluster: 'staging',
  webhook: { url: channel.url },
  template: { text: '${text}' },
});
const texts = () => channel.received.map((body) => (body as { text: string }).text);

/** Everything that a game wrote down. */
const written = () =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');

async function play(announce: GameSetup['announce'], mend: () => void) {
  const conductor = await openConductor(await town.setup({ announce }));
  const running = conductor.run();
  for await (const event of connectConductor(conductor.address, 'responder').events()) {
    if (event.type === 'phase-entered' && event.phase === 'respond') mend();
    if (event.type === 'ended') break;
  }
  const result = await running;
  return { ...result, events: readLog(conductor.folder.log).events };
}

it('tells the channel before anything is touched, and when all is back', async () => {
  let toneWhenTold: string | undefined;
  channel.answer((_, response) => {
    toneWhenTold ??= town.tone();
    response.end('ok');
  });
  const { ending, events } = await play(told(), () => town.setTone('kind'));
  expect(ending).toBe('mitigated');
  expect(toneWhenTold).toBe('kind');
  expect(texts()).toEqual([
    expect.stringMatching(
      /^A game day begins on staging: namespace town, until \d\d:\d\d \S+ at the latest\.\nTo stop it, whoever you are: kubectl annotate namespace town misfortune\.dev\/abort=true\nRun by \S.*\.$/,
    ),
    'The game day on staging is over: it was resolved. Everything is as it was before, read again and verified.',
  ]);
  expect(events.filter(({ type }) => type === 'announced')).toMatchObject([
    { moment: 'beginning', host: channel.host },
    { moment: 'ending', host: channel.host },
  ]);
  expect(written()).not.toMatch(/SECRET|hidden-token/);
});

it('does not begin while the channel does not take it, and touches nothing', async () => {
  channel.answer((_, response) => void response.writeHead(410).end());
  const { ending, why, exitCode } = await play(told(), () => undefined);
  expect({ ending, exitCode }).toEqual({ ending: 'not-started', exitCode: 4 });
  expect(why).toContain(`The webhook at ${channel.host} answered 410.`);
  expect(why).toContain('misfortune play --no-announce');
  expect(channel.received).toHaveLength(1);
  expect(town.tone()).toBe('kind');
  expect(written()).not.toMatch(/SECRET|hidden-token/);
});

it('ends as it would have when the channel is gone by then, and says so', async () => {
  const { ending, events } = await play(told(), () => {
    channel.answer((_, response) => void response.writeHead(410).end());
    town.setTone('kind');
  });
  expect(ending).toBe('mitigated');
  expect(events.filter(({ type }) => type === 'monitor-failed')).toMatchObject([
    { part: 'announcement', error: expect.stringContaining('answered 410') },
  ]);
});

it('tells nothing of a game that is refused before', async () => {
  const refused = await openConductor(
    await town.setup({ announce: told(), sandboxMarker: 'another sandbox' }),
  );
  expect(await refused.run()).toMatchObject({ ending: 'not-started' });
  expect(channel.received).toEqual([]);
});

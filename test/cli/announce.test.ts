import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { announce } from '../../src/cli/commands/announce.ts';
import { realClock } from '../../src/clock.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { openConductor } from '../../src/game/conductor.ts';
import { recoverGame } from '../../src/game/recover.ts';
import { openSources } from '../../src/game/start/documents.ts';
import { setUpGame } from '../../src/game/start/options.ts';
import { selectCases } from '../../src/game/validate/select.ts';
import { readCases, validate } from '../../src/game/validate/validate.ts';
import { gameFolder } from '../../src/log/folder.ts';
import { startChannel, type TestChannel } from '../game/announce/channel.ts';
import { type SmallTown, startSmallTown } from '../game/small-cluster.ts';

let home: string;
let town: SmallTown;
let channel: TestChannel;
let config: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
  channel = await startChannel();
  await town.settle(home);
  config = join(home, 'misfortune.yaml');
  writeFileSync(join(home, 'webhook'), `${channel.url}\n`);
  writeFileSync(
    config,
    `apiVersion: misfortune/v1
kind: Config
clusters:
  staging:
    context: staging
    kubeconfig: ${town.server.kubeconfig}
    namespaces: [town]
    prometheus: { url: '${town.prometheus.url}' }
    guardian: { mode: off }
    limits: { minutes: 30, workloads: 100% }
    announce: { webhook: { urlFile: ./webhook } }
  quiet-one:
    context: staging
    namespaces: [town]
    prometheus: { url: '${town.prometheus.url}' }
`,
  );
});
afterAll(async () => {
  await town.close();
  await channel.close();
  rmSync(home, { recursive: true });
});
afterEach(() => {
  channel.received.length = 0;
});

/** What a command prints. */
async function printed(command: () => Promise<void>): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await command();
  const text = write.mock.calls.map(([part]) => String(part)).join('');
  write.mockRestore();
  return text;
}

it('`announce` says it and where it went; with --dry-run nothing is sent', async () => {
  const dry = await printed(() => announce({ cluster: 'staging', config, dryRun: true }));
  expect(dry).toContain(`A game day begins on staging: namespace town, until `);
  expect(dry).toContain(`Not sent. It would go to ${channel.host}.`);
  expect(channel.received).toEqual([]);
  const sent = await printed(() => announce({ cluster: 'staging', config, json: true }));
  expect(JSON.parse(sent)).toMatchObject({ host: channel.host, sent: true });
  expect(channel.received).toEqual([{ text: (JSON.parse(sent) as { text: string }).text }]);
});

it('`announce` wants a cluster that has a channel', async () => {
  await expect(announce({ config })).rejects.toMatchObject({ code: 'no-cluster', exitCode: 2 });
  await expect(announce({ config, cluster: 'quiet-one' })).rejects.toMatchObject({ code: 'no-channel' });
});

it('`validate` says it once for all games of a scenario', async () => {
  const files = {
    scenario: join(home, 'wrong-greeting.yaml'),
    playbook: join(home, 'playbook.yaml'),
  };
  const todo = selectCases(readCases([await openSources(files)]), { kinds: ['nothing'] });
  const stop = new AbortController();
  const proof = validate({
    ...{ stateHome: home, todo, cluster: { config, name: 'staging' }, signal: stop.signal },
    // In real time it would wait for the time-out.
    onPhase: (phase) => phase === 'respond' && stop.abort(new Error('enough')),
  });
  expect(await proof).toMatchObject({ interrupted: true });
  expect(channel.received).toEqual([
    { text: expect.stringContaining('A game day begins on staging: namespace town, until ') },
    { text: 'The game day on staging is over. Everything is as it was before, read again and verified.' },
  ]);
});

it('`recover` tells the end of a game that died after it had told its beginning', async () => {
  const setup = await setUpGame({
    stateHome: home,
    scenarioFile: join(home, 'wrong-greeting.yaml'),
    playbookFile: join(home, 'playbook.yaml'),
    cluster: { config, name: 'staging' },
    seed: 1,
    autoStart: true,
  });
  const conductor = await openConductor({ ...setup, speed: 40, clock: realClock });
  const running = conductor.run();
  const died = gameFolder(join(home, 'died'));
  for await (const event of connectConductor(conductor.address, 'responder').events())
    if (event.type === 'phase-entered' && event.phase === 'respond') break;
  // As kill -9 would leave it on the disk.
  cpSync(conductor.folder.path, died.path, { recursive: true });
  rmSync(died.conductor);
  conductor.abort(new Error('enough'));
  await running;
  setup.cluster.close();
  expect(channel.received).toHaveLength(2);
  expect(await recoverGame(died, { config })).toMatchObject({ differences: [], conflicts: [] });
  expect(channel.received.slice(2)).toEqual([
    {
      text: 'The game day on staging is over: it was cut off. Everything is as it was before, read again and verified.',
    },
  ]);
  await recoverGame(died, { config });
  expect(channel.received).toHaveLength(3);
});

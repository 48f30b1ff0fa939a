import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { type Conductor, openConductor } from '../../src/game/conductor.ts';
import { readLog } from '../../src/log/log.ts';
import { writeReports } from '../../src/report/write.ts';
import { type SmallTown, scenarioText, startSmallTown } from './small-cluster.ts';

let home: string;
let town: SmallTown;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
});
afterEach(async () => {
  await town.close();
  rmSync(home, { recursive: true });
});

async function open(scenario: string, speed: number): Promise<Conductor> {
  const document = parseSource('scenario.yaml', scenario).document!;
  return await openConductor(await town.setup({ scenario: document, speed }));
}

/** The fault of the small town's scenario comes and goes. */
const repeating = (repeat: string, timeout = '5m') =>
  scenarioText
    .replace('  - id: tone\n', `  - id: tone\n    repeat: ${repeat}\n`)
    .replace('timeout: 5m', `timeout: ${timeout}`);

/** What the log says of turns, in order: `tone 1`, `tone 1 over`, … */
function turns({ folder }: Conductor): string[] {
  return readLog(folder.log).events.flatMap((event) => {
    if (event.type === 'turn-begun') return [`${event.fault} ${event.turn}`];
    if (event.type === 'turn-ended') return [`${event.fault} ${event.turn} over`];
    return event.type === 'repeat-over' ? [`${event.fault}: ${event.why}`] : [];
  });
}

const waitFor = (conductor: Conductor, told: string) =>
  expect.poll(() => turns(conductor), { timeout: 20_000 }).toContain(told);

it('comes and goes until somebody mends it while it is there, and is then left alone', async () => {
  const conductor = await open(repeating('{ every: 60s, for: 40s }'), 20);
  const running = conductor.run();
  const client = connectConductor(conductor.address, 'responder');
  await waitFor(conductor, 'tone 1 over');
  expect(town.tone()).toBe('kind');
  // It is fine for the moment, and nobody has done anything: the next turn refutes it.
  expect(await client.declare({ type: 'resolve', who: 'responder' })).toMatchObject({ accepted: false });
  await waitFor(conductor, 'tone 2');
  town.setTone('kind');
  await waitFor(conductor, 'tone: configmap/town/greeter: data.tone is "kind"');
  expect(await client.declare({ type: 'resolve', who: 'responder' })).toMatchObject({ accepted: true });
  expect(await running).toMatchObject({ ending: 'mitigated', leftover: [] });
  expect(town.tone()).toBe('kind');
  expect(turns(conductor)).toEqual([
    ...['tone 1', 'tone 1 over', 'tone 2'],
    'tone: configmap/town/greeter: data.tone is "kind"',
  ]);
  await writeReports(conductor.folder);
  const report = readFileSync(join(conductor.folder.path, 'report.html'), 'utf8');
  expect(report).toMatch(/tone is there until 00:0\d, turn 1/);
  expect(report).toContain('for 2s every 3s, until the game is over');
});

it('is not mitigated by waiting, however long it is gone between two turns', async () => {
  // Two minutes of an oracle that holds would do without a claim; it is gone for three.
  const conductor = await open(repeating('{ every: 210s, for: 30s }', '4m'), 40);
  expect(await conductor.run()).toMatchObject({ ending: 'timed-out', leftover: [] });
  expect(turns(conductor).slice(0, 3)).toEqual(['tone 1', 'tone 1 over', 'tone 2']);
  expect(town.tone()).toBe('kind');
});

it('does not begin again once the game is over, and tells responders nothing of its turns', async () => {
  const decoy = `decoys:
  - id: bells
    noise: true
    repeat: { every: 40s, for: 20s, times: 2 }
    why: The bells ring every day.
    config: { configMap: town/greeter, set: { bells: ring } }
oracle:`;
  const conductor = await open(scenarioText.replace('oracle:', decoy), 20);
  const running = conductor.run();
  const told: string[] = [];
  const client = connectConductor(conductor.address, 'responder');
  const listening = (async () => {
    for await (const event of client.events()) {
      told.push(JSON.stringify(event));
      if (event.type === 'ended') break;
    }
  })();
  await waitFor(conductor, 'bells: its 2 turns are over');
  expect(turns(conductor)).toEqual([
    ...['bells 1', 'bells 1 over', 'bells 2', 'bells 2 over'],
    'bells: its 2 turns are over',
  ]);
  // What the game itself did is no deed of anybody's; that a stranger's is told proves that it was looked.
  town.setTone('strange');
  const deeds = () =>
    readLog(conductor.folder.log).events.flatMap((event) =>
      event.type === 'action-seen' ? [event.action.title] : [],
    );
  await expect.poll(deeds, { timeout: 20_000 }).not.toEqual([]);
  expect(deeds()).toEqual(['configmaps town/greeter changed past the recorder: data.tone']);
  town.setTone('rude');
  conductor.abort(new Error('enough'));
  expect(await running).toMatchObject({ ending: 'aborted', leftover: [] });
  await listening;
  expect(told.join()).not.toMatch(/turn|bells|repeat/);
});

it('is put back when the game is called off in the middle of a turn', async () => {
  const conductor = await open(repeating('{ every: 60s, for: 50s }'), 20);
  const running = conductor.run();
  await waitFor(conductor, 'tone 2');
  expect(town.tone()).toBe('rude');
  conductor.abort(new Error('enough'));
  expect(await running).toMatchObject({ ending: 'aborted', leftover: [] });
  expect(town.tone()).toBe('kind');
  const { events } = readLog(conductor.folder.log);
  const ended = events.findIndex(({ type }) => type === 'ended');
  expect(events.slice(ended).some(({ type }) => type === 'turn-begun' || type === 'operation-recorded')).toBe(
    false,
  );
});

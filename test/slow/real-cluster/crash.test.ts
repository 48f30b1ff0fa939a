/** kill -9 of everything of a game at writes that go through a counting proxy before a real API server; then `recover`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { isAlive } from '../../../src/alive.ts';
import { currentGame } from '../../../src/game/api/current.ts';
import { packageRoot } from '../../../src/paths.ts';
import { createCertificates } from '../../../src/sandbox/apiserver/certificates.ts';
import { targetOf } from '../../sandbox/contract/target.ts';
import { crashAtEach } from '../crash/matrix.ts';
import { type CountingProxy, type CrashPoint, startCountingProxy } from '../crash/proxy.ts';
import { misfortune, type PlayedGame, play } from './commands.ts';
import { placeToPlay } from './place.ts';
import { snapshot } from './snapshot.ts';
import { namespaces, type Stand, setUpStand } from './stand.ts';

const place = placeToPlay();
/** So many of all crash points, spread evenly: each takes half a minute here. */
const most = Number(process.env.MISFORTUNE_CRASH_POINTS ?? 12);

let stand: Stand;
let proxy: CountingProxy;
/** `--cluster … --config …` of a cluster whose API server is the proxy. */
let on: string[];
let before: unknown;
beforeAll(async () => {
  if (!place || place.short) return;
  stand = await setUpStand(place);
  const { url, caPem, admin } = targetOf(place.kubeconfig, 0);
  if ('token' in admin)
    throw new Error('Expected a kubeconfig with a client certificate: the proxy uses it.');
  const own = await createCertificates();
  proxy = await startCountingProxy({ url, caPem, client: admin }, own);
  const cluster = { server: proxy.url, 'certificate-authority-data': base64(own.caPem) };
  const kubeconfig = join(stand.folder, 'proxy.kubeconfig');
  const named = { clusters: [{ name: 'proxy', cluster }], users: [{ name: 'proxy', user: {} }] };
  const contexts = [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy' } }];
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    ...named,
    contexts,
    'current-context': 'proxy',
  });
  writeFileSync(kubeconfig, text, { mode: 0o600 });
  const scenarios = [join(packageRoot, 'test/slow/crash/documents')];
  on = stand.as('crash', kubeconfig, 'proxy', {
    scenarios,
    limits: { workloads: '100%' },
  });
  before = await snapshot(stand.cluster, namespaces);
}, 900_000);
afterAll(async () => {
  await proxy?.close();
  await stand?.close();
}, 240_000);

describe.skipIf(!place || place.short)('a whole game on a real cluster', () => {
  it('leaves nothing after recover, whichever write it was killed at', async () => {
    proxy.arm(undefined);
    const game = begin();
    await played(game);
    game.child.kill('SIGINT');
    expect(await game.ended, game.said()).toBe(130);
    expect(await snapshot(stand.cluster, namespaces)).toEqual(before);
    const writes = [...proxy.writes];
    expect(await crashAtEach('game on a real cluster', writes, 1, crashAt, most)).toEqual([]);
  }, 3_600_000);
});

/** With the guardian, as on every cluster of somebody's own. */
const begin = (): PlayedGame => play(['both-at-once', ...on], stand.env);

const played = (game: PlayedGame) => game.until('phase-entered', ({ phase }) => phase === 'respond');

async function crashAt(at: number, point: CrashPoint): Promise<string[]> {
  const game = begin();
  proxy.arm({ at, point, kill: () => kill(game) });
  await Promise.race([played(game).then(() => game.child.kill('SIGINT')), game.ended]).catch(() => undefined);
  if ((await game.ended) !== null) return [`was not killed: ${game.said()}`];
  proxy.arm(undefined);
  const { code, stdout, stderr } = await misfortune(['recover', ...on, '--verify', '--json'], stand.env);
  if (code !== 0) return [`recover: exit ${code}: ${stdout} ${stderr}`];
  const found = (JSON.parse(stdout) as { fromBaseline?: string[] }[]).flatMap(
    ({ fromBaseline }) => fromBaseline ?? ['recover --verify had no baseline'],
  );
  const again = await misfortune(['recover', ...on, '--json'], stand.env);
  if (again.stdout.trim() !== '[]') found.push(`recover again: ${again.stdout} ${again.stderr}`);
  try {
    expect(await snapshot(stand.cluster, namespaces)).toEqual(before);
  } catch (error) {
    found.push((error as Error).message);
  }
  return found;
}

/** kill -9 of the conductor and of the command line, at the same moment. */
async function kill(game: PlayedGame): Promise<void> {
  const conductor = currentGame(stand.env.MISFORTUNE_HOME ?? '')?.address.pid;
  if (conductor !== undefined) process.kill(conductor, 'SIGKILL');
  game.child.kill('SIGKILL');
  await expect
    .poll(() => [conductor, game.child.pid].some((pid) => pid !== undefined && isAlive(pid)))
    .toBe(false);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

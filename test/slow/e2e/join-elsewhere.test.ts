/** A responder whose machine has nothing but a kubeconfig of their own, and reaches nothing but the API server. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { refOf } from '../../../src/cluster/ref.ts';
import { mailboxSelector } from '../../../src/fault/ledger/mailbox.ts';
import type { GameEvent } from '../../../src/log/events.ts';
import { packageRoot } from '../../../src/paths.ts';
import { openWay, type Way } from '../../game/mailbox/network.ts';
import { Place, startingMs } from './place.ts';
import { until } from './processes.ts';
import { Search, wordsOf } from './secrets.ts';

let place: Place;
let elsewhere: string;
let way: Way;
beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  place = new Place(10);
  const { responderKubeconfig: kubeconfig } = await place.startSandbox();
  way = await openWay({ kubeconfig, folder: elsewhere });
}, startingMs);
afterAll(async () => {
  await way?.close();
  await place.close();
  rmSync(elsewhere, { recursive: true, force: true });
}, 60_000);

/** Lines in the recorded shell there. */
const joinElsewhere = (line: string) => {
  const { context } = place.sandbox();
  const args = ['join', '--as', 'alex', '--yes', '--context', context, '--kubeconfig', way.kubeconfig];
  return place.run([...args, '-c', line], { HOME: elsewhere, MISFORTUNE_HOME: elsewhere }, elsewhere);
};

const mail = () =>
  place.withCluster((cluster) =>
    cluster.list({ kind: 'configmap' }, { namespace: 'maintenance', labelSelector: mailboxSelector() }),
  );

describe('a responder on another machine', () => {
  it('is told that there is no game', async () => {
    const { exitCode, stderr } = await joinElsewhere('true');
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toContain('misfortune play --open');
  }, 60_000);

  it('finds nothing of a game that died before it had changed anything, after a `recover` from anywhere', async () => {
    const game = place.play('haymaker', ['--open']);
    await until('the game is open', async () => (await mail()).length > 0, 60_000);
    process.kill(place.conductorPid(), 'SIGKILL');
    game.child.kill('SIGKILL');
    await game.ended;
    const { kubeconfig, context } = place.sandbox();
    const args = ['recover', '--context', context, '--kubeconfig', kubeconfig];
    const { exitCode, stderr } = await place.run(args, { MISFORTUNE_HOME: elsewhere });
    expect(exitCode, stderr).toBe(0);
    expect(await mail()).toEqual([]);
  }, 120_000);

  it('plays to the end through the API server alone; a cut of ten seconds loses nothing', async () => {
    const game = await place.playing('haymaker', ['--open']);
    const refused = await joinElsewhere('true');
    expect(refused.exitCode, refused.stderr).toBe(3);
    expect(refused.stderr).toContain('misfortune rbac --responders');
    const roles = await place.run(['rbac', '--responders', '--group', 'oncall', '--json']);
    const { items } = JSON.parse(roles.stdout) as { items: ClusterObject[] };
    await place.withCluster(async (cluster) => {
      for (const role of items) await cluster.create(role);
    });
    // Without them the responder is refused again: CI may play this twice.
    onTestFinished(async () => {
      way.mend();
      await place.endPrograms();
      await place.withCluster(async (cluster) => {
        for (const role of items) await cluster.delete(refOf(role));
      });
    });

    await game.happened('an alert is told', ({ type }) => type === 'alert-notified', 90_000);
    const reached = join(elsewhere, 'reached');
    const joined = joinElsewhere(
      [
        'misfortune note before the cut',
        'kubectl -n batch get jobs',
        `touch ${reached}`,
        'misfortune note during the cut',
        'kubectl -n batch delete job report-export',
        // The rates forget it after a while only.
        'until misfortune resolve; do sleep 1; done',
      ].join(' && '),
    );
    await until('the responder is there', async () => existsSync(reached), 60_000);
    way.cut();
    await realClock.sleep(10_000);
    way.mend();
    const { exitCode, stdout, stderr } = await joined;
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stderr).toContain('[game] notified checkout of CheckoutLatencyHigh');
    // What they were told, and what lies in the cluster, gives nothing away.
    const search = new Search(wordsOf('haymaker'), [packageRoot, place.home, elsewhere]);
    search.look('join', (stdout + stderr).replaceAll('report-export', ''));
    search.look('letters', JSON.stringify(await mail()));
    expect(search.take()).toEqual([]);

    expect(await game.ended).toBe(0);
    const happened = (what: object) => expect(game.events).toContainEqual(expect.objectContaining(what));
    for (const text of ['before the cut', 'during the cut'])
      expect(game.events.filter((event) => event.type === 'noted' && event.text === text)).toHaveLength(1);
    expect(actions(game.events)).toEqual([
      'kubectl get jobs -n batch',
      'kubectl delete job report-export -n batch',
    ]);
    happened({ type: 'responder-joined', who: 'alex' });
    happened({ type: 'preimage-kept', verb: 'delete', ref: 'job.batch/batch/report-export' });
    happened({ type: 'claimed', who: 'alex', accepted: true });
    happened({ type: 'ended', ending: 'mitigated' });
    expect(await mail()).toEqual([]);
    expect(await place.differences()).toEqual([]);
  }, 300_000);
});

/** What alex did, in order; each once. */
function actions(events: GameEvent[]): string[] {
  const titles = events.flatMap((event) =>
    event.type === 'action-seen' && event.action.who === 'alex' ? [event.action.title] : [],
  );
  return [...new Set(titles)];
}

/** A whole game that a responder takes part in who reaches nothing but the API server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { rolesFor } from '../../../src/cluster/access/roles.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { loadCredentials } from '../../../src/cluster/connection/credentials.ts';
import { guardianName } from '../../../src/fault/guardian/settings.ts';
import { watch } from '../../../src/fault/guardian/watch.ts';
import { letterPermissions, mailboxSelector } from '../../../src/fault/ledger/mailbox.ts';
import { recover } from '../../../src/fault/recover/recover.ts';
import { connectConductor } from '../../../src/game/api/client.ts';
import { type Conductor, openConductor } from '../../../src/game/conductor.ts';
import { findPost, postClient } from '../../../src/game/mailbox/client.ts';
import { sandboxGuardian } from '../../../src/game/start/place.ts';
import { readLog } from '../../../src/log/log.ts';
import { startRecorder } from '../../../src/recorder/recorder.ts';
import { kubectlVersions, runKubectl } from '../../kubectl.ts';
import { type SmallTown, startSmallTown } from '../small-cluster.ts';
import { openWay } from './network.ts';

const namespace = 'maintenance';
const [kubectl] = kubectlVersions();

let home: string;
let town: SmallTown;
let admin: Cluster;
let responder: Cluster;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
  admin = await connect({ kubeconfig: town.server.kubeconfig });
  responder = await connect({ kubeconfig: town.server.responderKubeconfig });
});
afterAll(async () => {
  responder.close();
  admin.close();
  await town.close();
  rmSync(home, { recursive: true });
});

const mail = async () => {
  const found = await admin.list({ kind: 'configmap' }, { namespace, labelSelector: mailboxSelector() });
  return found.map(({ metadata }) => metadata.name);
};

async function playing(conductor: Conductor): Promise<void> {
  for await (const event of connectConductor(conductor.address, 'master').events())
    if (event.type === 'phase-entered' && event.phase === 'respond') return;
  throw new Error('not played');
}

describe('a responder on another machine', () => {
  it('is refused without the Role, and told which one it is', async () => {
    const conductor = await openConductor(await town.setup({ mailbox: namespace }));
    const running = conductor.run();
    await playing(conductor);
    const client = postClient(await findPost({ cluster: responder, namespace, clock: realClock }));
    await expect(client.game()).rejects.toMatchObject({
      code: 'may-not-join',
      todo: expect.stringContaining('kubectl auth can-i create configmaps -n maintenance'),
    });
    conductor.abort(new Error('enough'));
    await running;
    expect(await mail()).toEqual([]);
  });

  it('plays to the end: no change is sent on before what it undoes is kept, through a cut as well', async () => {
    const roles = rolesFor(letterPermissions(namespace), 'responders', { kind: 'Group', name: 'oncall' });
    for (const role of roles) await admin.create(role);
    const conductor = await openConductor(await town.setup({ mailbox: namespace, speed: 10 }));
    const running = conductor.run();
    await playing(conductor);
    // Only what is said to the game goes this way, so that a change could be made while that is cut.
    const way = await openWay({ kubeconfig: town.server.responderKubeconfig, folder: home });
    const cluster = await connect({ kubeconfig: way.kubeconfig });
    const client = postClient(await findPost({ cluster, namespace, clock: realClock }));
    expect(await client.game()).toMatchObject({ phase: 'respond', title: 'Customers are greeted rudely' });
    const recorder = await startRecorder({
      credentials: await loadCredentials({ kubeconfig: town.server.responderKubeconfig }),
      monitoring: {},
      sink: client,
      who: 'alex',
      clock: realClock,
      folder: join(home, 'recorder'),
    });
    await client.declare({ type: 'join', who: 'alex' });
    expect(await client.declare({ type: 'hint', who: 'alex' })).toEqual({
      accepted: true,
      message: 'Read what it is told to say.',
    });
    const patch = [
      '-n',
      'town',
      'patch',
      'configmap',
      'greeter',
      '--type=merge',
      '-p',
      '{"data":{"tone":"kind"}}',
    ];
    way.cut();
    const patching = runKubectl(patch, { kubeconfig: recorder.kubeconfig, path: kubectl!.path });
    await realClock.sleep(2_000);
    expect(town.tone()).toBe('rude');
    expect(readLog(conductor.folder.log).events.map(({ type }) => type)).not.toContain('preimage-kept');
    way.mend();
    const patched = await patching;
    expect(patched.exitCode, patched.stderr).toBe(0);
    expect(town.tone()).toBe('kind');
    const hearing = client.news(0);
    await connectConductor(conductor.address, 'master').declare({
      type: 'nudge',
      text: 'Money is being lost',
    });
    const { events: news, next } = await hearing;
    expect(news).toMatchObject([{ type: 'nudged', text: 'Money is being lost' }]);
    const end = client.news(next);
    expect(await client.declare({ type: 'resolve', who: 'alex' })).toMatchObject({ accepted: true });
    expect((await end).events).toMatchObject([{ type: 'ended', ending: 'mitigated', why: '' }]);
    await recorder.close();
    expect(await running).toMatchObject({ ending: 'mitigated', leftover: [] });
    const { events } = readLog(conductor.folder.log);
    expect(events.filter(({ type }) => type === 'preimage-kept')).toHaveLength(1);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'action-seen',
        action: expect.objectContaining({
          who: 'alex',
          title: expect.stringMatching(/^kubectl patch configmap greeter -n town -p '/),
        }),
      }),
    );
    expect(events.filter(({ type }) => type === 'monitor-failed')).toEqual([]);
    expect(await mail()).toEqual([]);
    await expect(client.game()).rejects.toMatchObject({ code: 'game-over' });
    cluster.close();
    await way.close();
  });
});

async function byRecover({ folder: { ledger } }: Conductor): Promise<void> {
  const emit = () => undefined;
  const recovered = await recover({ ledger, cluster: admin, clock: realClock, emit, leaseSeconds: 1 });
  expect(recovered).toMatchObject({ differences: [], conflicts: [] });
}

async function byGuardian(): Promise<void> {
  const name = guardianName('game');
  const metadata = { namespace, name };
  await admin.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: {} });
  const stop = new AbortController();
  const holder = `${name}-0_1_00000000`;
  const options = { cluster: admin, clock: realClock, signal: stop.signal, namespace, name, holder };
  const watching = watch({ ...options, log: () => undefined });
  await expect.poll(mail, { timeout: 30_000 }).toEqual([]);
  stop.abort();
  await watching;
}

describe('when the game dies', () => {
  it.each([
    ['`recover`', byRecover],
    ['the guardian', byGuardian],
  ])('%s takes the mailbox away with every letter', async (_, restore) => {
    const guardian = { ...sandboxGuardian, mode: 'off' as const, after: 3 };
    const stateHome = mkdtempSync(join(home, 'dead-'));
    const setup = await town.setup({ stateHome, mailbox: namespace, guardian, speed: 10 });
    const lost = new AbortController();
    // As after kill -9: from here on nothing of it reaches the cluster.
    const cluster = new Proxy(setup.cluster, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...words: unknown[]) =>
          lost.signal.aborted ? new Promise(() => undefined) : Reflect.apply(value, target, words);
      },
    });
    const conductor = await openConductor({ ...setup, cluster });
    void conductor.run();
    await playing(conductor);
    const client = postClient(await findPost({ cluster: responder, namespace, clock: realClock }));
    await client.declare({ type: 'join', who: 'alex' });
    lost.abort();
    expect((await mail()).length).toBeGreaterThan(1);
    await restore(conductor);
    expect(town.tone()).toBe('kind');
    expect(await mail()).toEqual([]);
    await expect(client.game()).rejects.toMatchObject({ code: 'game-over' });
  });
});

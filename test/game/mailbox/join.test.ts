/** A whole game that a responder takes part in who reaches nothing but the API server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connect.ts';
import { loadCredentials } from '../../../src/cluster/credentials.ts';
import { letterPermissions, mailboxSelector } from '../../../src/fault/mailbox.ts';
import { rolesFor } from '../../../src/fault/roles.ts';
import { connectConductor, responderClient } from '../../../src/game/client.ts';
import { type Conductor, openConductor } from '../../../src/game/conductor.ts';
import { findPost } from '../../../src/game/mailbox/client.ts';
import { readLog } from '../../../src/log/log.ts';
import { startRecorder } from '../../../src/recorder/recorder.ts';
import { kubectlVersions, runKubectl } from '../../kubectl.ts';
import { type SmallTown, startSmallTown } from '../small-cluster.ts';

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
    const post = await findPost({ cluster: responder, namespace, clock: realClock });
    await expect(responderClient((request) => post.send(request)).game()).rejects.toMatchObject({
      code: 'may-not-join',
      todo: expect.stringContaining('kubectl auth can-i create configmaps -n maintenance'),
    });
    conductor.abort(new Error('enough'));
    await running;
    expect(await mail()).toEqual([]);
  });

  it('plays to the end: changes are kept before they are made, and nothing is left', async () => {
    const roles = rolesFor(letterPermissions(namespace), 'responders', { kind: 'Group', name: 'oncall' });
    for (const role of roles) await admin.create(role);
    const conductor = await openConductor(await town.setup({ mailbox: namespace }));
    const running = conductor.run();
    await playing(conductor);
    const post = await findPost({ cluster: responder, namespace, clock: realClock });
    const client = responderClient((request) => post.send(request));
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
    const patched = await runKubectl(patch, { kubeconfig: recorder.kubeconfig, path: kubectl!.path });
    expect(patched.exitCode, patched.stderr).toBe(0);
    expect(await client.declare({ type: 'resolve', who: 'alex' })).toMatchObject({ accepted: true });
    await recorder.close();
    expect(await running).toMatchObject({ ending: 'mitigated', leftover: [] });
    const { events } = readLog(conductor.folder.log);
    const types = events.map(({ type }) => type);
    expect(types.indexOf('preimage-kept')).toBeGreaterThan(types.indexOf('responder-joined'));
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'action-seen',
        action: expect.objectContaining({ who: 'alex', title: 'kubectl patch configmap greeter -n town' }),
      }),
    );
    expect(events.filter(({ type }) => type === 'monitor-failed')).toEqual([]);
    expect(await mail()).toEqual([]);
    await expect(client.game()).rejects.toMatchObject({ code: 'game-over' });
  });
});

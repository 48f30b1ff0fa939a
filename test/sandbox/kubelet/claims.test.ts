import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { change, claim, volume } from '../apiserver/kinds/volumes.ts';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode(20);
});
afterAll(() => node.close());

/** A claim with its volume, as controllers bind them. */
function bound(name: string, spec = {}): void {
  const { metadata } = claim(node.api, name, { volumeName: name });
  const { namespace, uid } = metadata;
  volume(node.api, name, { claimRef: { namespace, name, uid }, ...spec });
  change(
    node.api,
    'persistentvolumeclaims',
    name,
    (draft) => {
      draft.status = { phase: 'Bound' };
    },
    { namespace: 'default', subresource: 'status' },
  );
}

const pod = (name: string, claimName: string, mount = {}, source = {}) =>
  node.pod(name, {
    containers: [
      {
        name: 'app',
        image: 'busybox:1',
        command: ['sleep', '1000'],
        volumeMounts: [{ name: 'd', mountPath: '/data', ...mount }],
      },
    ],
    volumes: [{ name: 'd', persistentVolumeClaim: { claimName, ...source } }],
    terminationGracePeriodSeconds: 0,
  });

async function run(name: string, script: string) {
  await node.until(name, ready);
  return node.exec(name, 'sh', '-c', script);
}

const kept = () => readdirSync(join(node.folder, 'pods/kept')).length;

test('what a Pod wrote to its claim is there for the next one, and for one beside it', async () => {
  bound('data');
  pod('first', 'data');
  expect(
    await run('first', 'echo hello > /data/file; mkdir /data/sub; echo deep > /data/sub/a'),
  ).toMatchObject({
    exitCode: 0,
  });
  node.api.delete('pods', 'default', 'first', { gracePeriodSeconds: 0 });
  pod('second', 'data');
  expect((await run('second', 'cat /data/file; echo more >> /data/file')).out).toBe('hello\n');
  pod('beside', 'data', { subPath: 'sub', readOnly: true });
  expect((await run('beside', 'cat /data/a')).out).toBe('deep\n');
  expect((await run('beside', 'echo no > /data/b')).exitCode).not.toBe(0);
  expect((await run('second', 'ls /data/sub')).out).toBe('a\n');
});

test('the path of a hostPath volume is a name: nothing of this machine is mounted', async () => {
  bound('etc', { hostPath: { path: '/etc' } });
  pod('curious', 'etc');
  expect((await run('curious', 'ls -a /data')).out).not.toContain('passwd');
  expect((await run('curious', 'cat /data/../../../etc/passwd')).exitCode).not.toBe(0);
  expect((await run('curious', 'echo mine > /data/passwd; cat /data/passwd')).out).toBe('mine\n');
});

test('data goes with its volume if it is to be deleted, and stays if it is to be retained', async () => {
  const csi = (volumeHandle: string) => ({
    hostPath: undefined,
    csi: { driver: 'storage.local/folder', volumeHandle },
  });
  for (const policy of ['Delete', 'Retain']) {
    const name = policy.toLowerCase();
    bound(name, { ...csi(name), persistentVolumeReclaimPolicy: policy });
    pod(`p-${name}`, name);
    await run(`p-${name}`, 'echo x > /data/x');
    node.api.delete('pods', 'default', `p-${name}`, { gracePeriodSeconds: 0 });
    const before = kept();
    change(node.api, 'persistentvolumes', name, ({ metadata }) => {
      metadata.finalizers = [];
    });
    node.api.delete('persistentvolumes', undefined, name, {});
    expect(before - kept()).toBe(policy === 'Delete' ? 1 : 0);
  }
});

test('a volume of a type that the node does not have leaves the Pod waiting, with an Event', async () => {
  bound('remote', { hostPath: undefined, nfs: { server: 'nfs.example', path: '/' } });
  pod('stuck', 'remote');
  await expect
    .poll(() => node.events('stuck').join(), { timeout: 5000 })
    .toContain(
      'MountVolume.SetUp failed for volume "d" : volume "remote" is of a type that is not supported',
    );
  expect(existsSync('/data/x')).toBe(false);
});

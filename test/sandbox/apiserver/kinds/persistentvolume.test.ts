import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApi, type LocalApi } from '../../../../src/sandbox/apiserver/api.ts';
import { realClock } from '../../../../src/sandbox/clock.ts';
import { runKubectl } from '../../../kubectl.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { change, volume } from './volumes.ts';

let server: TestServer;
let api: LocalApi;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  api = createApi({ clock: realClock });
});

it('kubectl shows volumes with the columns of a real server, and describes them', async () => {
  const claimRef = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' };
  volume(server.api, 'v', {
    claimRef,
    accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
    storageClassName: 'slow',
  });
  const { stdout } = await runKubectl(['get', 'pv', '-o', 'wide'], server);
  const [head = '', row = ''] = stdout.trimEnd().split('\n');
  expect(head.split(/ {2,}/)).toEqual([
    ...['NAME', 'CAPACITY', 'ACCESS MODES', 'RECLAIM POLICY', 'STATUS', 'CLAIM', 'STORAGECLASS'],
    ...['VOLUMEATTRIBUTESCLASS', 'REASON', 'AGE', 'VOLUMEMODE'],
  ]);
  expect(row).toMatch(/^v +1Gi +RWO,RWX +Retain +Pending +default\/data +slow +<unset> +\d+s +Filesystem$/);
  const described = await runKubectl(['describe', 'pv', 'v'], server);
  expect(described.stdout).toMatch(/Type: +HostPath[\s\S]*Path: +\/data/);
});

it.each([
  ['without a source', { hostPath: undefined }, 'spec: Required value: must specify a volume type'],
  [
    'with two sources',
    { nfs: { server: 'a', path: '/' } },
    'spec.nfs: Forbidden: may not specify more than 1 volume type',
  ],
  ['without a mode', { accessModes: [] }, 'spec.accessModes: Required value'],
  ['without room', { capacity: { storage: '0' } }, 'must be greater than zero'],
  [
    'that is local to no node',
    { hostPath: undefined, local: { path: '/d' } },
    'spec.nodeAffinity: Required value: Local volume requires node affinity',
  ],
])('a volume %s is refused', (_, spec, why) => {
  expect(() => volume(api, 'a', spec)).toThrow(why);
});

it('where the bytes of a volume are does not change', () => {
  volume(api, 'a');
  const set = (spec: object) =>
    change(api, 'persistentvolumes', 'a', (draft) => Object.assign(draft.spec, spec));
  expect(() => set({ hostPath: { path: '/other', type: '' } })).toThrow('is immutable after creation');
  set({ persistentVolumeReclaimPolicy: 'Delete' });
  expect(api.get('persistentvolumes', undefined, 'a')?.spec.persistentVolumeReclaimPolicy).toBe('Delete');
});

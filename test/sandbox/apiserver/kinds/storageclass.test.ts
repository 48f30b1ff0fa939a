import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApi, type LocalApi } from '../../../../src/sandbox/apiserver/api.ts';
import { realClock } from '../../../../src/sandbox/clock.ts';
import { runKubectl } from '../../../kubectl.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { CLASSES, change, storageClass } from './volumes.ts';

let server: TestServer;
let api: LocalApi;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  api = createApi({ clock: realClock });
});

it('kubectl shows classes with the columns of a real server, and which is the default', async () => {
  storageClass(server.api, 'slow', { volumeBindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Retain' });
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  storageClass(server.api, 'usual', { metadata: { name: 'usual', annotations } });
  const { stdout } = await runKubectl(['get', 'sc'], server);
  const fields = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(fields).toEqual([
    ['NAME', 'PROVISIONER', 'RECLAIMPOLICY', 'VOLUMEBINDINGMODE', 'ALLOWVOLUMEEXPANSION', 'AGE'],
    ['slow', 'example.com/disk', 'Retain', 'WaitForFirstConsumer', 'false', expect.any(String)],
    ['usual (default)', 'example.com/disk', 'Delete', 'Immediate', 'false', expect.any(String)],
  ]);
});

it.each([
  ['without a provisioner', { provisioner: '' }, 'provisioner: Required value'],
  ['with a reclaim policy nobody knows', { reclaimPolicy: 'Recycle' }, 'Unsupported value: "Recycle"'],
  ['with a binding mode nobody knows', { volumeBindingMode: 'Later' }, 'Unsupported value: "Later"'],
])('a class %s is refused', (_, more, why) => {
  expect(() => storageClass(api, 'a', more)).toThrow(why);
});

it('what volumes were made with does not change', () => {
  storageClass(api, 'a');
  expect(() =>
    change(api, CLASSES, 'a', (draft) => {
      draft.reclaimPolicy = 'Retain';
    }),
  ).toThrow('updates to reclaimPolicy are forbidden.');
  change(api, CLASSES, 'a', (draft) => {
    draft.allowVolumeExpansion = true;
  });
  expect(api.get(CLASSES, undefined, 'a')).toMatchObject({ allowVolumeExpansion: true });
});

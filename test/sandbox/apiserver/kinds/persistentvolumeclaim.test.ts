import { beforeEach, expect, it } from 'vitest';
import { createApi, type LocalApi } from '../../../../src/sandbox/apiserver/api.ts';
import { realClock } from '../../../../src/sandbox/clock.ts';
import { change, claim, storageClass } from './volumes.ts';

const CLAIMS = 'persistentvolumeclaims';
let api: LocalApi;
beforeEach(() => {
  api = createApi({ clock: realClock });
});

it('a claim that names no class gets the default one; "" means none', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  storageClass(api, 'usual', { metadata: { name: 'usual', annotations } });
  expect(claim(api, 'a').spec.storageClassName).toBe('usual');
  expect(claim(api, 'b', { storageClassName: '' }).spec.storageClassName).toBe('');
  expect(claim(api, 'c', { storageClassName: 'other' }).spec.storageClassName).toBe('other');
});

it.each([
  [
    'without a mode',
    { accessModes: [] },
    'spec.accessModes: Required value: at least 1 access mode is required',
  ],
  ['with a mode nobody knows', { accessModes: ['Mine'] }, 'Unsupported value: "Mine"'],
  ['without a size', { resources: {} }, 'spec.resources[storage]: Required value'],
  ['for nothing', { resources: { requests: { storage: '0' } } }, 'must be greater than zero'],
])('a claim %s is refused', (_, spec, why) => {
  expect(() => claim(api, 'a', spec)).toThrow(why);
});

it('a claim is given a volume once, and neither grows nor changes', () => {
  claim(api, 'a');
  const options = { namespace: 'default' };
  const set = (fields: object) =>
    change(api, CLAIMS, 'a', (draft) => Object.assign(draft.spec, fields), options);
  set({ volumeName: 'v' });
  expect(() => set({ volumeName: 'w' })).toThrow('spec is immutable after creation');
  expect(() => set({ accessModes: ['ReadOnlyMany'] })).toThrow('spec is immutable after creation');
  const more = () => set({ resources: { requests: { storage: '2Gi' } } });
  expect(more).toThrow('spec is immutable after creation');
  const status = { phase: 'Bound', capacity: { storage: '1Gi' } };
  change(api, CLAIMS, 'a', (draft) => Object.assign(draft, { status }), {
    ...options,
    subresource: 'status',
  });
  expect(more).toThrow('only dynamically provisioned pvc');
  expect(() => set({ resources: { requests: { storage: '1Mi' } } })).toThrow(
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  );
});

it('a quota counts claims and what they ask for, in all and of a class', () => {
  const hard = {
    persistentvolumeclaims: '2',
    'requests.storage': '3Gi',
    'fast.storageclass.storage.k8s.io/requests.storage': '1Gi',
  };
  api.create('resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard },
  });
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  const status = { hard, used };
  change(api, 'resourcequotas', 'q', (draft) => Object.assign(draft, { status }), {
    namespace: 'default',
    subresource: 'status',
  });
  claim(api, 'a', { storageClassName: 'fast' });
  expect(() => claim(api, 'b', { storageClassName: 'fast' })).toThrow(
    'exceeded quota: q, requested: fast.storageclass.storage.k8s.io/requests.storage=1Gi',
  );
  claim(api, 'c', { resources: { requests: { storage: '2Gi' } } });
  expect(() => claim(api, 'd')).toThrow('exceeded quota: q, requested: persistentvolumeclaims=1');
});

import { expect, test } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { compareObject } from '../../../src/fault/compare/compare.ts';

function claim(spec: object, annotations?: Record<string, string>): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'backups', namespace: 'shop', ...(annotations && { annotations }) },
    spec: { accessModes: ['ReadWriteOnce'], ...spec },
  };
}

const bound = { 'pv.kubernetes.io/bind-completed': 'yes', 'volume.kubernetes.io/selected-node': 'node-a' };

test('a claim that was bound during the game is no difference: its first pod came, as of a CronJob', () => {
  expect(compareObject(claim({}), claim({ volumeName: 'pvc-1' }, bound))).toEqual([]);
});

test('a claim that got another volume than before is one: what was in the first is gone', () => {
  const found = compareObject(claim({ volumeName: 'pvc-1' }, bound), claim({ volumeName: 'pvc-2' }, bound));
  expect(found).toEqual(['persistentvolumeclaim/shop/backups spec.volumeName: was "pvc-1", is "pvc-2"']);
});

test('what somebody else writes on a claim is one', () => {
  const found = compareObject(claim({}), claim({ volumeName: 'pvc-1' }, { ...bound, note: 'mine' }));
  expect(found).toEqual([expect.stringContaining('metadata.annotations: was absent')]);
});

import { expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { verifyApplied } from '../../../src/fault/apply/verify.ts';
import type { Engine } from '../../../src/fault/engine.ts';
import { withNonce } from '../../../src/fault/ledger/nonce.ts';
import type { CreateOperation } from '../../../src/fault/operation.ts';

const ref = { kind: 'job', group: 'batch', namespace: 'batch', name: 'report' };
const job = (spec: object): ClusterObject =>
  withNonce(
    { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'report', namespace: 'batch' }, spec },
    'nonce',
  );

/** What is found when the API server made this of the Job that was asked for. */
const seen = async (asked: object, made: object) => {
  const operation = { verb: 'create', ref, object: job(asked), nonce: 'nonce' } as CreateOperation;
  const cluster = {
    get: async () => job(made),
    patch: async () => job({ ...made, ...asked }),
  };
  return await verifyApplied(operation, { cluster } as unknown as Engine);
};

const asked = { parallelism: 2, activeDeadlineSeconds: 60, ttlSecondsAfterFinished: 600 };

it('accepts a Job whose time to live an older API server has dropped', async () => {
  const { ttlSecondsAfterFinished: _, ...older } = asked;
  expect(await seen(asked, { ...older, backoffLimit: 6 })).toMatchObject({ verdict: 'confirmed' });
});

it('does not accept one without its deadline, or with another time to live', async () => {
  const { activeDeadlineSeconds: _, ...endless } = asked;
  expect(await seen(asked, endless)).toEqual({ verdict: 'mismatch', seen: 'changed in spec' });
  const other = { ...asked, ttlSecondsAfterFinished: 5 };
  expect(await seen(asked, other)).toMatchObject({ verdict: 'mismatch' });
});

it('accepts one without what is empty, and none with something else instead', async () => {
  const { activeDeadlineSeconds, ...rest } = asked;
  const empty = {
    ...rest,
    activeDeadlineSeconds,
    suspend: false,
    template: { metadata: { labels: {} }, finalizers: [] },
  };
  expect(await seen(empty, { ...asked, template: {} })).toMatchObject({ verdict: 'confirmed' });
  expect(await seen(empty, { ...asked, suspend: true })).toMatchObject({ verdict: 'mismatch' });
  expect(await seen({ ...asked, parallelism: 0 }, asked)).toMatchObject({ verdict: 'mismatch' });
});

import { afterEach, expect, test } from 'vitest';
import { type Cluster, condition, job, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const j = () => cluster.get('jobs.batch', 'j');

async function start(spec: Record<string, unknown> = {}): Promise<void> {
  cluster = startCluster({ auto: false });
  cluster.api.create('jobs.batch', job('j', spec));
  await cluster.settle();
}

/** The pods at work. */
const workers = () => cluster.pods().filter((pod) => ['Pending', 'Running'].includes(pod.status.phase));

async function runAll(): Promise<void> {
  for (const pod of workers()) cluster.kubelet.run(pod);
  await cluster.settle();
}

async function finishAll(exitCode: number): Promise<void> {
  for (const pod of workers()) cluster.kubelet.finish(pod, exitCode);
  await cluster.settle();
}

test('a Job runs its pod, counts it and completes', async () => {
  await start();
  expect(j().status).toMatchObject({
    active: 1,
    ready: 0,
    terminating: 0,
    startTime: '2026-01-01T00:00:00Z',
  });
  expect(workers()[0]?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
  await runAll();
  expect(j().status).toMatchObject({ active: 1, ready: 1 });
  await finishAll(0);
  expect(j().status).toMatchObject({
    succeeded: 1,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    completionTime: '2026-01-01T00:00:00Z',
  });
  expect(j().status).not.toHaveProperty('active');
  expect(j().status.conditions.map((one: { type: string }) => one.type)).toEqual([
    'SuccessCriteriaMet',
    'Complete',
  ]);
  expect(condition(j(), 'Complete')).toMatchObject({
    status: 'True',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  });
  expect(cluster.list('pods')[0]?.metadata).not.toHaveProperty('finalizers');
  expect(cluster.events()).toContain('Job/j Normal Completed: Job completed');
});

test('a pod is noted in the status before its finalizer goes', async () => {
  await start();
  const seen: unknown[] = [];
  const stop = cluster.api.watch('jobs.batch', ({ object }) =>
    seen.push(object.status.uncountedTerminatedPods),
  );
  const [pod] = workers();
  await finishAll(0);
  stop();
  expect(seen).toContainEqual({ succeeded: [pod?.metadata.uid] });
  expect(seen.at(-1)).toEqual({});
});

test('parallelism and completions decide how many pods run at a time', async () => {
  await start({ parallelism: 2, completions: 3 });
  expect(workers()).toHaveLength(2);
  await finishAll(0);
  // What happens to pods that run beside each other is gathered for a second.
  expect(j().status).not.toHaveProperty('succeeded');
  await cluster.pass(1);
  expect(workers()).toHaveLength(1);
  expect(j().status).toMatchObject({ active: 1, succeeded: 2 });
  await finishAll(0);
  await cluster.pass(1);
  expect(condition(j(), 'Complete')?.status).toBe('True');
});

test('parallelism 0 stops a Job without counting failures', async () => {
  await start({ parallelism: 2, completions: 4 });
  await runAll();
  cluster.patch('jobs.batch', 'j', (draft) => {
    draft.spec.parallelism = 0;
  });
  await cluster.settle();
  expect(workers()).toEqual([]);
  expect(j().status).toMatchObject({ ready: 0, terminating: 2 });
  expect(j().status).not.toHaveProperty('failed');
});

test('failed pods are replaced after 10 s, then 20 s, till the back-off limit', async () => {
  await start({ backoffLimit: 2 });
  await finishAll(7);
  expect(j().status).toMatchObject({ failed: 1 });
  await cluster.pass(9);
  expect(workers()).toEqual([]);
  await cluster.pass(1);
  expect(workers()).toHaveLength(1);
  await finishAll(7);
  await cluster.pass(19);
  expect(workers()).toEqual([]);
  await cluster.pass(1);
  await finishAll(7);
  expect(j().status).toMatchObject({ failed: 3 });
  expect(condition(j(), 'FailureTarget')).toMatchObject({ status: 'True', reason: 'BackoffLimitExceeded' });
  expect(condition(j(), 'Failed')).toMatchObject({
    status: 'True',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  });
  expect(cluster.events()).toContain(
    'Job/j Warning BackoffLimitExceeded: Job has reached the specified backoff limit',
  );
});

test('with restartPolicy OnFailure the restarts of the container count against the limit', async () => {
  await start({
    backoffLimit: 1,
    template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'app', image: 'node:20' }] } },
  });
  await runAll();
  const [pod] = workers();
  if (!pod) throw new Error('expected a pod');
  cluster.kubelet.restart(pod);
  await cluster.settle();
  expect(condition(j(), 'FailureTarget')?.reason).toBe('BackoffLimitExceeded');
});

test('past its deadline a Job ends its pods and fails when they are gone', async () => {
  await start({ activeDeadlineSeconds: 2 });
  await runAll();
  await cluster.pass(2);
  expect(j().status).toMatchObject({ failed: 1, ready: 0, terminating: 1 });
  expect(condition(j(), 'FailureTarget')).toMatchObject({ status: 'True', reason: 'DeadlineExceeded' });
  expect(condition(j(), 'Failed')).toBeUndefined();
  for (const pod of cluster.list('pods')) cluster.kubelet.terminate(pod);
  await cluster.settle();
  expect(condition(j(), 'Failed')).toMatchObject({ status: 'True', reason: 'DeadlineExceeded' });
  expect(cluster.list('pods')).toEqual([]);
});

test('a finished Job with a time to live is deleted with its pods', async () => {
  await start({ ttlSecondsAfterFinished: 2 });
  await finishAll(0);
  await cluster.pass(1);
  expect(cluster.list('jobs.batch')).toHaveLength(1);
  await cluster.pass(1);
  expect(cluster.list('jobs.batch')).toEqual([]);
  expect(cluster.list('pods')).toEqual([]);
});

test('a suspended Job gives its pods up and starts its time anew when resumed', async () => {
  await start();
  await runAll();
  const suspend = async (value: boolean) => {
    cluster.patch('jobs.batch', 'j', (draft) => {
      draft.spec.suspend = value;
    });
    await cluster.settle();
  };
  await suspend(true);
  expect(condition(j(), 'Suspended')).toMatchObject({ status: 'True', reason: 'JobSuspended' });
  expect(j().status).not.toHaveProperty('startTime');
  expect(j().status).not.toHaveProperty('failed');
  for (const pod of cluster.list('pods')) cluster.kubelet.terminate(pod);
  await cluster.pass(5);
  await suspend(false);
  expect(condition(j(), 'Suspended')).toMatchObject({ status: 'False', reason: 'JobResumed' });
  expect(j().status).toMatchObject({ active: 1, startTime: '2026-01-01T00:00:05Z' });
});

test('an Indexed Job gives every pod its index, and runs a failed index again', async () => {
  await start({ parallelism: 3, completions: 3, completionMode: 'Indexed' });
  const indexes = () =>
    workers().map((pod) => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index']);
  expect(indexes()).toEqual(['0', '1', '2']);
  expect(workers()[1]).toMatchObject({
    metadata: { generateName: 'j-1-' },
    spec: { hostname: 'j-1', containers: [{ env: [{ name: 'JOB_COMPLETION_INDEX' }] }] },
  });
  const [first, second, third] = workers();
  if (!first || !second || !third) throw new Error('expected three pods');
  cluster.kubelet.finish(first, 0);
  cluster.kubelet.finish(second, 1);
  cluster.kubelet.finish(third, 0);
  await cluster.pass(1);
  expect(j().status).toMatchObject({ completedIndexes: '0,2', succeeded: 2, failed: 1 });
  await cluster.pass(10);
  expect(indexes()).toEqual(['1']);
  await finishAll(0);
  await cluster.pass(1);
  expect(j().status).toMatchObject({ completedIndexes: '0-2', succeeded: 3 });
  expect(condition(j(), 'Complete')?.status).toBe('True');
});

test('a pod that somebody deletes is released and replaced', async () => {
  await start();
  await runAll();
  const [pod] = workers();
  if (!pod) throw new Error('expected a pod');
  cluster.api.delete('pods', 'default', pod.metadata.name);
  await cluster.settle();
  cluster.kubelet.terminate(pod);
  await cluster.pass(10);
  expect(cluster.list('pods').map((one) => one.metadata.name)).not.toContain(pod.metadata.name);
  expect(workers()).toHaveLength(1);
  expect(j().status).toMatchObject({ active: 1, failed: 1 });
});

test('deleting a Job in the background takes its pods along, finalizers and all', async () => {
  await start({ parallelism: 2, completions: 2 });
  await runAll();
  cluster.api.delete('jobs.batch', 'default', 'j', { propagationPolicy: 'Background' });
  await cluster.settle();
  for (const pod of cluster.list('pods')) {
    expect(pod.metadata).toMatchObject({ deletionTimestamp: expect.any(String) });
    expect(pod.metadata).not.toHaveProperty('finalizers');
    cluster.kubelet.terminate(pod);
  }
  await cluster.settle();
  expect(cluster.list('pods')).toEqual([]);
});

import { afterEach, expect, test } from 'vitest';
import { type Cluster, job, podTemplate, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

function cronJob(spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'default' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        metadata: { labels: { team: 'x' } },
        spec: { template: podTemplate({}, { restartPolicy: 'Never' }) },
      },
      ...spec,
    },
  };
}

/** The clock starts on the full minute. */
async function start(spec: Record<string, unknown> = {}): Promise<void> {
  cluster = startCluster({ auto: false });
  cluster.api.create('cronjobs.batch', cronJob(spec));
  await cluster.settle();
}

const tick = () => cluster.get('cronjobs.batch', 'tick');
const jobs = () => cluster.list('jobs.batch').filter(({ metadata }) => !metadata.deletionTimestamp);
const minute = (number: number) => `tick-${Date.UTC(2026, 0, 1) / 60_000 + number}`;

async function pass(minutes: number): Promise<void> {
  cluster.clock.advance(minutes * 60_000);
  await cluster.settle();
}

async function finish(exitCode: number): Promise<void> {
  for (const pod of cluster.pods()) {
    if (pod.status.phase === 'Pending') cluster.kubelet.run(pod);
  }
  await cluster.settle();
  for (const pod of cluster.pods()) if (pod.status.phase === 'Running') cluster.kubelet.finish(pod, exitCode);
  await cluster.settle();
}

test('a Job is started at its time, named after the minute, and listed until it ends', async () => {
  await start();
  expect(jobs()).toEqual([]);
  await pass(1);
  const [started] = jobs();
  expect(started?.metadata).toMatchObject({
    name: minute(1),
    labels: { team: 'x' },
    annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:01:00Z' },
  });
  expect(tick().status).toMatchObject({
    active: [{ kind: 'Job', name: minute(1), uid: started?.metadata.uid }],
    lastScheduleTime: '2026-01-01T00:01:00Z',
  });
  await finish(0);
  expect(tick().status).toEqual({
    lastScheduleTime: '2026-01-01T00:01:00Z',
    lastSuccessfulTime: '2026-01-01T00:01:00Z',
  });
  expect(cluster.events()).toContain(
    `CronJob/tick Normal SawCompletedJob: Saw completed job: ${minute(1)}, condition: Complete`,
  );
});

test('a suspended one starts nothing; resumed, it makes up for the latest time only', async () => {
  await start({ suspend: true });
  await pass(5);
  expect(jobs()).toEqual([]);
  cluster.patch('cronjobs.batch', 'tick', ({ spec }) => {
    spec.suspend = false;
  });
  await cluster.settle();
  expect(jobs().map(({ metadata }) => metadata.name)).toEqual([minute(5)]);
});

test('startingDeadlineSeconds leaves out what is too late', async () => {
  await start({ suspend: true, schedule: '0 * * * *', startingDeadlineSeconds: 30 });
  await pass(62);
  cluster.patch('cronjobs.batch', 'tick', ({ spec }) => {
    spec.suspend = false;
  });
  await cluster.settle();
  expect(jobs()).toEqual([]);
  await pass(58);
  expect(jobs().map(({ metadata }) => metadata.name)).toEqual([minute(120)]);
});

test('many missed times are told of', async () => {
  await start({ suspend: true });
  await pass(120);
  cluster.patch('cronjobs.batch', 'tick', ({ spec }) => {
    spec.suspend = false;
  });
  await cluster.settle();
  expect(cluster.events().join('\n')).toContain('TooManyMissedTimes');
  expect(jobs()).toHaveLength(1);
});

test('Allow lets Jobs run side by side', async () => {
  await start();
  await pass(1);
  await pass(1);
  expect(jobs()).toHaveLength(2);
  expect(tick().status.active).toHaveLength(2);
});

test('Forbid waits for the one that runs', async () => {
  await start({ concurrencyPolicy: 'Forbid' });
  await pass(1);
  await pass(1);
  expect(jobs().map(({ metadata }) => metadata.name)).toEqual([minute(1)]);
  expect(cluster.events().join('\n')).toContain('JobAlreadyActive');
  await finish(0);
  expect(jobs().map(({ metadata }) => metadata.name)).toEqual([minute(1), minute(2)]);
});

test('Replace ends the one that runs', async () => {
  await start({ concurrencyPolicy: 'Replace' });
  await pass(1);
  await pass(1);
  expect(jobs().map(({ metadata }) => metadata.name)).toEqual([minute(2)]);
  expect(tick().status.active).toMatchObject([{ name: minute(2) }]);
});

test('finished Jobs are kept up to the limits', async () => {
  await start({ successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1 });
  for (const exitCode of [0, 0, 0, 0]) {
    await pass(1);
    await finish(exitCode);
  }
  expect(jobs().map(({ metadata }) => metadata.name)).toEqual([minute(3), minute(4)]);
});

test('a Job started by hand is watched, not listed', async () => {
  await start({ schedule: '0 0 1 1 *' });
  const { apiVersion, kind, metadata } = tick();
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
  cluster.api.create('jobs.batch', {
    ...job('by-hand'),
    metadata: { name: 'by-hand', namespace: 'default', ownerReferences: [owner] },
  });
  await cluster.settle();
  expect(tick().status).toEqual({});
  await finish(0);
  expect(tick().status).toEqual({ lastSuccessfulTime: '2026-01-01T00:00:00Z' });
});

test('a Job that somebody deleted is told of and no longer listed', async () => {
  await start();
  await pass(1);
  cluster.api.delete('jobs.batch', 'default', minute(1), { propagationPolicy: 'Background' });
  await cluster.settle();
  expect(tick().status).toEqual({ lastScheduleTime: '2026-01-01T00:01:00Z' });
  expect(cluster.events()).toContain(`CronJob/tick Normal MissingJob: Active job went missing: ${minute(1)}`);
});

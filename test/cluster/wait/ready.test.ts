import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyBaseline } from '../../../src/check/baseline.ts';
import { evaluate } from '../../../src/check/evaluate.ts';
import { realClock } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { waitReady } from '../../../src/cluster/wait/ready.ts';
import { readUnready } from '../../../src/fault/revert/rollouts.ts';
import { connectPrometheus } from '../../../src/signal/prometheus.ts';
import { waitAvailable } from '../../../src/stack/available.ts';
import { startTestServer, type TestServer } from '../../sandbox/apiserver/test-server.ts';

let server: TestServer;
let cluster: Cluster;
beforeAll(async () => {
  server = await startTestServer();
  cluster = await connect({ kubeconfig: server.kubeconfig });
  await cluster.create(deployment);
});
afterAll(async () => {
  cluster?.close();
  await server?.close();
});

const labels = { app: 'till' };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'till', namespace: 'default' },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'node:20' }] } },
  },
};
const ref = { kind: 'deployment', group: 'apps', namespace: 'default', name: 'till' };

describe('a rollout, by whoever asks', () => {
  it.each([
    ['3 updated of 1 wanted', true, { replicas: 3, updatedReplicas: 3, availableReplicas: 3 }],
    ['an old pod beside the one wanted', false, { replicas: 2, updatedReplicas: 1, availableReplicas: 1 }],
    ['the one wanted not available', false, { replicas: 1, updatedReplicas: 1, availableReplicas: 0 }],
  ])('%s: complete %s', async (_, complete, status) => {
    server.api.update(
      'deployments.apps',
      'default',
      'till',
      (draft) => ({ ...draft, status: { ...status, observedGeneration: draft.metadata.generation } }),
      { subresource: 'status' },
    );
    const clock = realClock;
    const check = { rollout: { ref: 'deployment.apps/default/till' } };
    const prometheus = connectPrometheus({ url: 'http://127.0.0.1:9' });
    const context = { cluster, prometheus, baseline: emptyBaseline };
    const late = await waitAvailable({ objects: [deployment], cluster, clock, seconds: 0 });
    expect({
      check: (await evaluate(check, context)).holds,
      operation: (await waitReady({ type: 'rollout', ref, within: 0 }, ref, cluster, clock)).holds,
      restore: (await readUnready(cluster, ['default'])).length === 0,
      stack: late.length === 0,
    }).toEqual({ check: complete, operation: complete, restore: complete, stack: complete });
  });
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { realClock } from '../../src/clock.ts';
import type { Cluster, ClusterObject } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { rolloutState } from '../../src/cluster/wait/rollout.ts';
import { until } from '../../src/cluster/wait/until.ts';
import { packageRoot } from '../../src/paths.ts';
import type { Api, Kubelet, KubeObject } from '../../src/sandbox/api.ts';
import { startControllers } from '../../src/sandbox/controllers/start.ts';
import {
  adminToken,
  realClock as sandboxClock,
  startTestServer,
  type TestServer,
} from '../sandbox/apiserver/test-server.ts';
import type { PaperChaosMesh } from './paper-chaos-mesh.ts';

/** The sandbox's API server and controllers over HTTPS, with pods that run on paper and the shop's own manifests. */
export interface ControlPlane {
  server: TestServer;
  cluster: Cluster;
  /** As a user who may do only what is bound to the name `limited`. */
  limited(): Promise<Cluster>;
  /** Another client of the same server: a responder or a stranger. */
  other(): Promise<Cluster>;
  close(): Promise<void>;
}

/** `onPod` sees each pod that runs; `logs` answers for all of them; `empty`: without the shop; `more`: with these. */
export async function startControlPlane(
  more: {
    onPod?(pod: KubeObject, api: Api): void;
    logs?(): string;
    empty?: boolean;
    chaosMesh?: PaperChaosMesh;
    more?: ClusterObject[];
  } = {},
): Promise<ControlPlane> {
  const tokens = new Map([
    [adminToken, { name: 'kubernetes-admin', groups: ['system:masters'] }],
    ['limited-token', { name: 'limited', groups: [] }],
  ]);
  const server = await startTestServer({ tokens, kubelet: () => paperLogs(more.logs) });
  const stop = new AbortController();
  const kubelet = paperKubelet(server.api, more.onPod);
  const node = {
    name: 'node-a',
    cpu: '16',
    memory: '32Gi',
    pods: 110,
    podCIDR: '10.244.0.0/24',
    address: '192.168.0.1',
  };
  startControllers({ api: server.api, clock: sandboxClock, signal: stop.signal, nodes: [node] });
  // Before the first client: what kinds there are is read once, and again for a kind that is not known only some seconds later.
  const chaosMesh = more.chaosMesh?.start(server.api);
  const clusters = [await connect({ kubeconfig: server.kubeconfig })];
  if (!more.empty) {
    await createShop(clusters[0]!);
    await allRolledOut(clusters[0]!);
  }
  for (const object of more.more ?? []) await clusters[0]!.create(object);
  return {
    server,
    cluster: clusters[0]!,
    async other() {
      const cluster = await connect({ kubeconfig: server.kubeconfig });
      clusters.push(cluster);
      return cluster;
    },
    async limited() {
      const path = join(server.folder, 'limited.kubeconfig');
      writeFileSync(path, readFileSync(server.kubeconfig, 'utf8').replace(adminToken, 'limited-token'), {
        mode: 0o600,
      });
      const cluster = await connect({ kubeconfig: path });
      clusters.push(cluster);
      return cluster;
    },
    async close() {
      stop.abort();
      chaosMesh?.();
      kubelet();
      for (const cluster of clusters) cluster.close();
      await server.close();
    },
  };
}

/** Every object of the shop's manifests. */
async function createShop(cluster: Cluster): Promise<void> {
  const folder = join(packageRoot, 'src/shop/manifests');
  const files = readdirSync(folder).sort(
    (a, b) => Number(b === 'namespaces.yaml') - Number(a === 'namespaces.yaml'),
  );
  for (const file of files)
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
      await cluster.create(document.toJS() as ClusterObject);
}

async function allRolledOut(cluster: Cluster): Promise<void> {
  const look = await until(
    async () => {
      const workloads = [
        ...(await cluster.list({ kind: 'deployments' })),
        ...(await cluster.list({ kind: 'statefulsets' })),
      ];
      const missing = workloads
        .filter((each) => !rolloutState(each).complete)
        .map(({ metadata }) => metadata.name);
      return { holds: missing.length === 0, seen: missing.join(', ') };
    },
    60,
    realClock,
  );
  if (!look.holds) throw new Error(`Not rolled out: ${look.seen}`);
}

/** Every pod that is bound runs and is ready at once, and goes when it is told to. Gives its stop. */
function paperKubelet(api: Api, onPod: (pod: KubeObject, api: Api) => void = () => undefined): () => void {
  let addresses = 10;
  const run = (pod: KubeObject) => {
    const { namespace, name } = pod.metadata;
    api.update(
      'pods',
      namespace,
      name,
      (draft) => {
        const ip = `10.244.0.${++addresses % 250}`;
        const containerStatuses = draft.spec.containers.map((each: { name: string; image: string }) => ({
          ...{ name: each.name, image: each.image, imageID: '', restartCount: 0, ready: true, started: true },
          ...{
            containerID: `paper://${each.name}`,
            state: { running: { startedAt: draft.metadata.creationTimestamp } },
          },
        }));
        Object.assign(draft.status, { phase: 'Running', podIP: ip, podIPs: [{ ip }], containerStatuses });
        draft.status.conditions = [
          ...(draft.status.conditions ?? []).filter((one: { type: string }) => one.type !== 'Ready'),
          {
            type: 'Ready',
            status: 'True',
            lastProbeTime: null,
            lastTransitionTime: draft.metadata.creationTimestamp,
          },
        ];
        return draft;
      },
      { subresource: 'status', by: 'kubelet' },
    );
  };
  return api.watch('pods', ({ type, object }) => {
    if (type === 'DELETED' || !object.spec.nodeName) return;
    setImmediate(() => {
      const { namespace, name, uid } = object.metadata;
      const pod = api.get('pods', namespace, name);
      if (pod?.metadata.uid !== uid) return;
      if (pod.metadata.deletionTimestamp) api.delete('pods', namespace, name, { uid, gracePeriodSeconds: 0 });
      else if (pod.status.phase === 'Pending') run(pod);
      else if (pod.status.phase === 'Running') onPod(pod, api);
    });
  });
}

function paperLogs(logs: () => string = () => ''): Kubelet {
  const unsupported = () => Promise.resolve({ exitCode: 126, error: 'there is nothing but paper here' });
  return {
    async *logs() {
      yield Buffer.from(logs());
    },
    exec: unsupported,
    attach: unsupported,
    portForward: () => Promise.reject(new Error('there is nothing but paper here')),
    usage: () => [],
    nodeUsage: () => undefined,
  };
}

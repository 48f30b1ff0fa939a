import type { ContainerUsage, KubeObject } from '../../../src/sandbox/api.ts';
import { createApi, type LocalApi } from '../../../src/sandbox/apiserver/api.ts';
import {
  type Controllers,
  startControllers,
  type VirtualNode,
} from '../../../src/sandbox/controllers/start.ts';
import { type ManualClock, manualClock } from './clock.ts';
import { type PaperKubelet, paperKubelet } from './kubelet.ts';

export interface Cluster {
  api: LocalApi;
  clock: ManualClock;
  controllers: Controllers;
  kubelet: PaperKubelet;
  /** Waits until nothing changes any more at this instant. */
  settle(): Promise<void>;
  /** Lets time pass in steps of a second, settling after each. */
  pass(seconds: number): Promise<void>;
  get(resource: string, name: string): KubeObject;
  list(resource: string): readonly KubeObject[];
  /** Pods of namespace default that are not on their way out. */
  pods(labelSelector?: string): readonly KubeObject[];
  patch(resource: string, name: string, change: (draft: KubeObject) => void): void;
  /** Events of namespace default as `Kind/name type reason: message`. */
  events(): string[];
  /** What controllers failed at, and tried again. */
  errors: string[];
  stop(): void;
}

export function node(name: string, more: Partial<VirtualNode> = {}): VirtualNode {
  return {
    name,
    cpu: '4',
    memory: '8Gi',
    pods: 110,
    podCIDR: '10.244.0.0/24',
    address: '192.168.0.1',
    ...more,
  };
}

interface ClusterOptions {
  auto?: boolean;
  nodes?: VirtualNode[];
  speed?: number;
  /** What pods use; without it there is no metrics API. */
  usage?: (pod: KubeObject, now: number) => ContainerUsage[];
}

/** A control plane with a paper kubelet: `auto` runs and ends pods by itself. */
export function startCluster(options: ClusterOptions = {}): Cluster {
  const { auto = true, nodes = [node('node-a')], speed, usage } = options;
  const clock = manualClock();
  const api = createApi({ clock });
  const kubelet = paperKubelet(api, clock, auto);
  const abort = new AbortController();
  const errors: string[] = [];
  const controllers = startControllers({
    api,
    clock,
    signal: abort.signal,
    nodes,
    speed,
    kubelet: usage && { usage: (pod) => usage(pod, clock.now()) },
    random: () => 0,
    onError: (controller, key, error) => errors.push(`${controller} ${key}: ${error}`),
  });

  async function settle(): Promise<void> {
    // The kubelet answers a turn later, which may give the controllers something to do again.
    for (let calm = 0; calm < 4; calm++) {
      const before = api.store.revision;
      await controllers.settled();
      await new Promise((resolve) => setImmediate(resolve));
      if (api.store.revision !== before) calm = -1;
    }
  }

  const list = (resource: string) => api.list(resource, { namespace: 'default' });
  return {
    api,
    clock,
    controllers,
    kubelet,
    errors,
    settle,
    async pass(seconds) {
      await settle();
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000);
        await settle();
      }
    },
    get(resource, name) {
      const object = api.get(resource, 'default', name);
      if (!object) throw new Error(`expected ${resource} ${name} to exist`);
      return object;
    },
    list,
    pods: (labelSelector) =>
      api
        .list('pods', { namespace: 'default', labelSelector })
        .filter((pod) => pod.metadata.deletionTimestamp === undefined),
    patch(resource, name, change) {
      api.update(resource, 'default', name, (draft) => {
        change(draft);
        return draft;
      });
    },
    events: () =>
      list('events').map(
        ({ involvedObject, type, reason, message }) =>
          `${involvedObject.kind}/${involvedObject.name} ${type} ${reason}: ${message}`,
      ),
    stop() {
      abort.abort();
      kubelet.stop();
    },
  };
}

/** A Deployment of namespace default with pods labelled app=NAME. */
export function deployment(name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: podTemplate({ app: name }),
      ...spec,
    },
  };
}

/** A pod of namespace default. */
export function pod(name: string, labels: Record<string, string> = {}, spec: Record<string, unknown> = {}) {
  const template = podTemplate(labels, spec);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    spec: template.spec,
  };
}

export function podTemplate(labels: Record<string, string>, spec: Record<string, unknown> = {}) {
  return { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'node:20' }], ...spec } };
}

export function job(name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default' },
    spec: { template: podTemplate({}, { restartPolicy: 'Never' }), ...spec },
  };
}

export function condition(object: KubeObject, type: string): Record<string, string> | undefined {
  return object.status.conditions?.find((one: { type: string }) => one.type === type);
}

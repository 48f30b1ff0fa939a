import { randomBytes } from 'node:crypto';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateHome } from '../paths.ts';
import { findPostgres, whyNoShopDatabase } from '../postgres.ts';
import { alertmanagerFile, dashboardsFolder, rulesFolder } from '../shop/folder.ts';
import { isPartOf } from '../shop/parts.ts';
import { stackObjects } from '../shop/stack.ts';
import type { KubeObject, Progress, SandboxState } from './api.ts';
import { createApi, type LocalApi } from './apiserver/api.ts';
import { createCertificates } from './apiserver/certificates.ts';
import { startApiServer } from './apiserver/http/server.ts';
import { resourceName } from './apiserver/kinds/definition.ts';
import { definitions } from './apiserver/kinds/kinds.ts';
import { podStatus } from './apiserver/kinds/pod/table.ts';
import { realClock } from './clock.ts';
import { startControllers, type VirtualNode } from './controllers/start.ts';
import { SandboxFolder } from './folder.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { startKubelet } from './kubelet/pod/start.ts';
import { PostgresHost } from './kubelet/postgres-host.ts';
import { configurationObjects } from './monitor/alertmanager/configuration.ts';
import { startMonitor } from './monitor/start.ts';
import { startNetwork } from './network/network.ts';
import { startRuntime } from './runtime/client.ts';
import { ORDINARY_USER } from './wall/script.ts';
import { tryWall, type WallState } from './wall/wall.ts';

export interface SandboxOptions {
  /** Everything of this sandbox is in here; made if missing, removed at the end. */
  folder: string;
  /** Folder with the built programs: runtime.cjs, preload.cjs, programs/. */
  dist: string;
  /** Factor by which waits and rule durations are shortened; 1 is real time. */
  speed: number;
  /** `shop`, or none. */
  stack: 'shop' | 'none';
  /** Prometheus rule files that take the place of the shop's own. */
  ruleFiles?: readonly string[];
  /** Nodes, 1 to 3. Default 3. */
  nodeCount?: number;
  /** Whether pods run behind the second wall; default: where this machine allows it. */
  wall?: WallState;
  /** Told to others in the state: whoever started it ends it after so many minutes without use. 0, the default: never. */
  idleMinutes?: number;
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Told of what went wrong inside and was survived. */
  onError?: (error: unknown) => void;
}

export interface Sandbox {
  state: SandboxState;
  api: LocalApi;
  /** Resolves when nothing of it is left. */
  close(): Promise<void>;
}

const CONTEXT = 'sandbox';
const API_SERVICE = { ip: '10.96.0.1', port: 443 };
const READY_POLL_MS = 100;
/** A cold laptop with a busy disk needs a few seconds; after this something is wrong. */
const READY_WITHIN_MS = 120_000;

const NODES: VirtualNode[] = ['a', 'b', 'c'].map((letter, index) => ({
  name: `node-${letter}`,
  cpu: '4',
  memory: '8Gi',
  pods: 110,
  podCIDR: `10.244.${index}.0/24`,
  address: `192.168.49.${index + 2}`,
  labels: { 'topology.kubernetes.io/zone': `zone-${letter}` },
}));

/** Starts a whole cluster in this process and resolves when every pod of its stack is ready. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { speed, signal, dist, onProgress = () => undefined, onError = () => undefined } = options;
  const clock = realClock;
  const machines = NODES.slice(0, options.nodeCount);
  const cleanup: (() => unknown)[] = [];
  let died = false;
  const close = async (): Promise<void> => {
    for (const step of cleanup.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        onError(error);
      }
    }
  };
  try {
    const folder = new SandboxFolder(options.folder);
    cleanup.push(() => folder.remove({ keepLog: died }));
    const stopping = new AbortController();
    cleanup.push(() => stopping.abort());

    onProgress({ component: 'control plane', done: 0, total: 1 });
    const certificates = await createCertificates();
    const api = createApi({ clock, caPem: certificates.caPem, report: onError });
    const marker = createObject(api, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-identity', namespace: 'kube-system' },
    });
    // For what looks after the cluster, as most have one; nobody's application runs there.
    createObject(api, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'maintenance' } });
    const wall = options.wall ?? tryWall();
    const sockets = { pods: join(folder.sockets, 'pods'), api: join(folder.sockets, 'api') };
    const own = {
      runtime: join(dist, 'runtime.cjs'),
      preload: join(dist, 'preload.cjs'),
      postgres: join(dist, 'postgres.cjs'),
    };
    const postgres = findPostgres();
    const without = whyNoShopDatabase(postgres) ? ['database'] : [];
    const places = {
      root: folder.wallRoot,
      readable: [
        process.execPath,
        ...Object.values(own),
        ...('missing' in postgres ? [] : [postgres.folder]),
      ],
      writable: [folder.pods, folder.sockets],
      ...(!('missing' in postgres) && { ordinaryUser: ORDINARY_USER }),
    };
    const postgresHost =
      'missing' in postgres
        ? undefined
        : new PostgresHost({
            found: postgres,
            program: own.postgres,
            templates: join(stateHome(), 'postgres'),
            folder: folder.pods,
            sockets: folder.sockets,
            walled: wall.stands,
          });
    cleanup.push(() => postgresHost?.close());
    const runtime = startRuntime({
      ...(wall.stands && { wall: { places, sockets } }),
      program: own.runtime,
      log: openSync(folder.log, 'a', 0o600),
      onDeath: () => onError(new Error('the container runtime has died; its containers start again')),
    });
    cleanup.push(() => runtime.close());
    const nodeNames = machines.map((node) => node.name);
    const network = await startNetwork({
      api,
      nodes: nodeNames,
      socket: join(folder.sockets, 'net'),
      ...(wall.stands && { wall: sockets }),
    });
    cleanup.push(() => network.close());
    const kubelet = startKubelet({
      api,
      token: (namespace, account) => server.tokenFor(namespace, account),
      clock,
      network,
      runtime,
      nodes: machines.map(({ name, address }) => ({ name, ip: address })),
      folder: folder.pods,
      preload: own.preload,
      redis: join(dist, 'redis.cjs'),
      ...(postgresHost && { postgres: postgresHost }),
      session: join(dist, 'session.js'),
      speed,
      onError,
    });
    cleanup.push(() => kubelet.close());
    const people = { admin: randomBytes(24).toString('hex'), responder: randomBytes(24).toString('hex') };
    const server = await startApiServer({
      api,
      clock,
      certificates,
      tokens: new Map([
        [people.admin, { name: 'admin', groups: ['system:masters'] }],
        [people.responder, { name: 'responder', groups: ['oncall'] }],
      ]),
      kubelet: () => kubelet,
      network: () => network,
      report: onError,
    });
    cleanup.push(() => server.close());
    await network.publish(API_SERVICE.ip, API_SERVICE.port, Number(new URL(server.url).port));
    onProgress({ component: 'control plane', done: 1, total: 1 });

    const nodes = startControllers({
      api,
      clock,
      signal: stopping.signal,
      speed,
      nodes: machines,
      kubelet,
      onError: (_controller, _key, error) => onError(error),
    });
    cleanup.push(() => nodes.stop());
    onProgress({ component: 'nodes', done: machines.length, total: machines.length });

    for (const object of configurationObjects(readFileSync(alertmanagerFile(), 'utf8')))
      createObject(api, object);
    const monitor = await startMonitor({
      api,
      network,
      kubelet,
      clock,
      signal: stopping.signal,
      ruleFiles: options.ruleFiles ?? shopRuleFiles(without),
      dashboardsFolder: dashboardsFolder(),
      isLeftOut: (file) => isPartOf(without, file),
      alertmanagerConfig: alertmanagerFile(),
      speed,
    });
    cleanup.push(() => monitor.close());
    onProgress({ component: 'monitor', done: 1, total: 1 });

    if (options.stack === 'shop') {
      const programs = (name: string): string => readFileSync(join(dist, 'programs', `${name}.cjs`), 'utf8');
      for (const object of stackObjects({ programs, mode: 'simulated', without })) createObject(api, object);
      await podsReady(api, signal, (done, total) => onProgress({ component: 'shop', done, total }));
    }

    const access = { context: CONTEXT, server: server.url, caPem: server.caPem };
    writeKubeconfig(folder.kubeconfig, { ...access, user: 'admin', token: people.admin });
    writeKubeconfig(folder.responderKubeconfig, { ...access, user: 'responder', token: people.responder });
    const state: SandboxState = {
      version: 1,
      pid: process.pid,
      startedAt: new Date(clock.now()).toISOString(),
      folder: folder.path,
      kubeconfig: folder.kubeconfig,
      responderKubeconfig: folder.responderKubeconfig,
      context: CONTEXT,
      prometheus: monitor.prometheusUrl,
      alertmanager: monitor.alertmanagerUrl,
      grafana: monitor.grafanaUrl,
      markerUid: marker.metadata.uid,
      speed,
      wall,
      idleMinutes: options.idleMinutes ?? 0,
    };
    folder.writeState(state);
    return { state, api, close };
  } catch (error) {
    died = !signal.aborted;
    if (died) onError(error);
    await close();
    throw error;
  }
}

function shopRuleFiles(without: readonly string[]): string[] {
  return readdirSync(rulesFolder())
    .filter((file) => !isPartOf(without, file))
    .sort()
    .map((file) => join(rulesFolder(), file));
}

function createObject(api: LocalApi, object: Parameters<LocalApi['create']>[1]): KubeObject {
  const definition = definitions.find(
    ({ group, version, kind }) =>
      kind === object.kind && object.apiVersion === (group ? `${group}/${version}` : version),
  );
  if (!definition)
    throw new Error(`Expected a kind that the sandbox has, got ${object.apiVersion} ${object.kind}.`);
  return api.create(resourceName(definition), object);
}

/** Resolves when all Deployments and StatefulSets have all their pods available. */
async function podsReady(
  api: LocalApi,
  signal: AbortSignal,
  tell: (done: number, total: number) => void,
): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (let before = -1; ; ) {
    signal.throwIfAborted();
    const workloads = [...api.list('deployments.apps'), ...api.list('statefulsets.apps')];
    const total = workloads.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0);
    const done = workloads.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
    if (done !== before) tell(done, total);
    before = done;
    if (done >= total) return;
    if (performance.now() > until) {
      const missing = workloads.filter(
        ({ spec, status }) => (status?.availableReplicas ?? 0) < (spec.replicas ?? 1),
      );
      const names = missing.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ');
      const pods = waitingPods(api);
      throw new Error(
        `Expected all pods ready within ${READY_WITHIN_MS / 1000} s; these are not: ${names}.${pods && ` Seen: ${pods}.`}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

/** Those that are not ready, each with the status that kubectl shows. */
function waitingPods(api: LocalApi): string {
  const waiting = api
    .list('pods')
    .filter(({ status }) => status?.phase !== 'Succeeded' && !isTrue(status?.conditions, 'Ready'));
  return waiting.map((pod) => `${pod.metadata.namespace}/${pod.metadata.name} ${podStatus(pod)}`).join(', ');
}

function isTrue(conditions: { type: string; status: string }[] = [], type: string): boolean {
  return conditions.some((each) => each.type === type && each.status === 'True');
}

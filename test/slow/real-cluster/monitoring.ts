/**
 * A real Prometheus and Alertmanager (Debian's) in the network of the cluster's node, reached from outside through
 * the API server only, each by a Service.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { realClock } from '../../../src/clock.ts';
import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';
import { ClusterError } from '../../../src/cluster/cluster-error.ts';
import { waitGone } from '../../../src/cluster/wait/ready.ts';
import { alertmanagerFile } from '../../../src/shop/folder.ts';
import { misfortune } from './commands.ts';
import { podTargets } from './targets.ts';

export const monitoring = {
  prometheus: 'monitoring/prometheus:9090',
  alertmanager: 'monitoring/alertmanager:9093',
} as const;

const ports = { prometheus: 9090, alertmanager: 9093 } as const;

/** Starts both, waits until they answer through the API server. `enter` runs its arguments in the node's network. */
export async function startMonitoring(
  cluster: Cluster,
  enter: string[],
): Promise<{ close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
  const stopping = new AbortController();
  const watching = keepTargets(cluster, join(folder, 'targets.json'), stopping.signal);
  writeFileSync(join(folder, 'rules.yaml'), (await misfortune(['stack', 'rules'], {})).stdout);
  writeFileSync(join(folder, 'prometheus.yaml'), await prometheusConfig(folder));
  const children = [
    inside(enter, 'prometheus', [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=0.0.0.0:${ports.prometheus}`,
    ]),
    inside(enter, 'prometheus-alertmanager', [
      `--config.file=${alertmanagerFile()}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=0.0.0.0:${ports.alertmanager}`,
      '--cluster.listen-address=',
    ]),
  ];
  const close = async (): Promise<void> => {
    stopping.abort();
    await watching;
    await Promise.all(children.map(end));
    await cluster.delete({ kind: 'namespace', name: 'monitoring' });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await createServices(cluster);
    for (const service of Object.values(monitoring)) await untilReady(cluster, service);
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The shipped scrape job and its relabelling; only where the pods come from is replaced. */
async function prometheusConfig(folder: string): Promise<string> {
  const { scrape_configs } = parse((await misfortune(['stack', 'scrape-config'], {})).stdout) as {
    scrape_configs: Record<string, unknown>[];
  };
  const jobs = scrape_configs.map(({ kubernetes_sd_configs: _, ...job }) => ({
    ...job,
    // Debian builds Prometheus without Kubernetes' service discovery.
    file_sd_configs: [{ files: [join(folder, 'targets.json')], refresh_interval: '5s' }],
  }));
  return stringify({
    global: { scrape_interval: '5s', evaluation_interval: '5s' },
    rule_files: [join(folder, 'rules.yaml')],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${ports.alertmanager}`] }] }],
    },
    scrape_configs: jobs,
  });
}

/** Keeps the file of targets up to date with the pods of shop and batch. */
async function keepTargets(cluster: Cluster, file: string, signal: AbortSignal): Promise<void> {
  const pods = new Map<string, ClusterObject>();
  const write = (): void => {
    writeFileSync(`${file}.new`, JSON.stringify([...pods.values()].flatMap(podTargets)));
    renameSync(`${file}.new`, file);
  };
  write();
  const watches = ['shop', 'batch'].map((namespace) =>
    cluster.watch(
      { kind: 'pods' },
      { namespace },
      ({ type, object }) => {
        if (type === 'DELETED') pods.delete(object.metadata.uid ?? '');
        else pods.set(object.metadata.uid ?? '', object);
        write();
      },
      signal,
    ),
  );
  await Promise.all(watches).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function inside(enter: string[], program: string, args: string[]): ChildProcess {
  const [command = program, ...rest] = [...enter, program];
  // A group of its own: what `enter` starts ends with it.
  return spawn(command, [...rest, ...args], { detached: true, stdio: 'ignore' });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.kill(-child.pid, 'SIGTERM');
  await gone;
}

/**
 * The API server sends on only to addresses of pods. A pod in the node's network has the node's address, and with it
 * what was started there.
 */
async function createServices(cluster: Cluster): Promise<void> {
  const namespace = 'monitoring';
  const labels = { app: 'monitoring' };
  const space = { kind: 'namespace', name: namespace };
  // An earlier one may still be going.
  if ((await cluster.get(space))?.metadata.deletionTimestamp)
    await waitGone(space, undefined, 120, cluster, realClock);
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const idle = { name: 'main', image: 'node:20-slim', command: ['node', '-e', 'setInterval(() => {}, 1e6)'] };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'monitoring', namespace, labels },
    spec: { hostNetwork: true, terminationGracePeriodSeconds: 1, containers: [idle] },
  };
  await createOnceAllowed(pod, cluster);
  for (const [name, port] of Object.entries(ports)) {
    const spec = { selector: labels, ports: [{ port, protocol: 'TCP' }] };
    await cluster.create({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec });
  }
}

/** Pods are refused until the namespace has its service account, and before 1.24 that its token. */
async function createOnceAllowed(pod: ClusterObject, cluster: Cluster): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    try {
      await cluster.create(pod);
      return;
    } catch (error) {
      if (!(error instanceof ClusterError) || Date.now() > deadline) throw error;
    }
  }
}

async function untilReady(cluster: Cluster, service: string): Promise<void> {
  const [namespace, target] = service.split('/');
  const path = `/api/v1/namespaces/${namespace}/services/${target}/proxy/-/ready`;
  for (const deadline = Date.now() + 90_000; ; ) {
    const { status, body } = await cluster
      .raw(path)
      .catch((error: Error) => ({ status: 0, body: error.message }));
    if (status === 200) return;
    if (Date.now() > deadline)
      throw new Error(`Expected ${service} to answer within 90 s, got ${status}: ${body}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

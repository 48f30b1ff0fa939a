import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { misfortune, type Ran, run } from './commands.ts';
import { lacksOf, placeOfDatabase } from './lacks.ts';
import { monitoring, startMonitoring } from './monitoring.ts';
import type { Place } from './place.ts';

export const namespaces = ['shop', 'batch'];

/** Half a core for checkout is 62 quotes a second; customers want 7 of them. */
const limits = ['--limits', 'checkout=cpu=250m'];

/** The shop on a real cluster, with a monitor, and a misfortune.yaml for it. */
export interface Stand {
  cluster: Cluster;
  prometheus: { url: string } | { service: string };
  folder: string;
  /** `--cluster … --config …` */
  on: string[];
  env: Record<string, string>;
  kubectl(args: string[], input?: string): Promise<string>;
  /** Runs one of our commands; fails unless it ends with 0. */
  succeed(args: string[], env?: Record<string, string>): Promise<Ran>;
  /** Writes a misfortune.yaml with which another user plays here (`more`: of it), and gives `--cluster … --config …`. */
  as(name: string, kubeconfig: string, context: string, more?: More): string[];
  close(): Promise<void>;
}

/** What is there already is used and stays; what this makes is taken away by `close`, also when it fails half-way. */
export async function setUpStand(place: Place): Promise<Stand> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    return await open(place, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  place: Place,
  closing: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Stand> {
  const { kubeconfig } = place;
  const folder = mkdtempSync(join(tmpdir(), 'real-cluster-'));
  closing.push(async () => rmSync(folder, { recursive: true, force: true }));
  const env = { MISFORTUNE_HOME: join(folder, 'home') };
  const kubectl = (args: string[], input?: string) => kubectlOf(kubeconfig, args, input);
  const succeed = async (args: string[], more: Record<string, string> = env): Promise<Ran> => {
    const ran = await misfortune(args, more);
    if (ran.code !== 0) throw new Error(`misfortune ${args.join(' ')}: ${ran.stderr}${ran.stdout}`);
    return ran;
  };
  const cluster = await connect({ kubeconfig });
  closing.push(async () => cluster.close());
  const { version, lacks } = await lacksOf(cluster);
  console.info(`Kubernetes ${version} lacks ${lacks.length > 0 ? lacks.join(', ') : 'nothing'}`);
  const at = ['--context', cluster.context, '--kubeconfig', kubeconfig];
  if (!(await cluster.get({ kind: 'namespace', name: 'shop' })))
    closing.push(() => succeed(['stack', 'remove', 'shop', ...at]));
  const without = lacks.includes(placeOfDatabase) ? ['--without', 'database'] : [];
  await succeed(['stack', 'deploy', 'shop', ...at, ...limits, ...without]);
  // The copy of the ledger and the guardian are there; a game never makes it by itself.
  if (!(await cluster.get({ kind: 'namespace', name: 'maintenance' }))) {
    await kubectl(['create', 'namespace', 'maintenance']);
    closing.push(() => kubectl(['delete', '--timeout=60s', 'namespace', 'maintenance']));
  }
  let endpoints = endpointsOf(place);
  if (!endpoints) {
    const started = await startMonitoring(cluster, place.enter);
    closing.push(() => started.close());
    const { prometheus, alertmanager } = monitoring;
    endpoints = { prometheus: { service: prometheus }, alertmanager: { service: alertmanager } };
  }
  const as = (
    name: string,
    file: string,
    context: string,
    { scenarios = [], ...more }: More = {},
  ): string[] => {
    const config = join(folder, `${name}.yaml`);
    const staging = { context, kubeconfig: file, namespaces, ...endpoints, ...more };
    writeFileSync(config, stringify({ ...head, scenarios, clusters: { staging } }));
    return ['--cluster', 'staging', '--config', config];
  };
  const on = as('misfortune', kubeconfig, cluster.context);
  return { cluster, prometheus: endpoints.prometheus, folder, on, env, kubectl, succeed, as, close };
}

/** Of a misfortune.yaml: folders with scenarios, and what its cluster says besides. */
interface More {
  scenarios?: string[];
  limits?: object;
}

const head = { apiVersion: 'misfortune/v1', kind: 'Config' };

type Endpoint = { url: string } | { service: string };

/** Undefined: none was named, so they are to be started. */
function endpointsOf({
  prometheus,
  alertmanager,
}: Place): { prometheus: Endpoint; alertmanager?: Endpoint } | undefined {
  const endpoint = (text: string) => (/^https?:/.test(text) ? { url: text } : { service: text });
  if (prometheus === undefined) return undefined;
  return {
    prometheus: endpoint(prometheus),
    ...(alertmanager !== undefined && { alertmanager: endpoint(alertmanager) }),
  };
}

async function kubectlOf(kubeconfig: string, args: string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await run('kubectl', ['--kubeconfig', kubeconfig, ...args], {}, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

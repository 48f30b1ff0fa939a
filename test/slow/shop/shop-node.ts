import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { program } from '../../../src/paths.ts';
import type { KubeObject, NewObject } from '../../../src/sandbox/api.ts';
import { stackObjects } from '../../../src/shop/stack.ts';
import { ready, startTestNode, type TestNode } from '../../sandbox/kubelet/node.ts';

type Env = Record<string, string>;
type Container = { name: string; env?: { name: string }[] };
type Volume = { name: string; persistentVolumeClaim?: object };
type PodSpec = { containers: Container[]; volumes?: Volume[] };

/** Seconds; a database is made in three, and in thirty where others want the machine as well. */
const PATIENCE = 90;

/** How many orders the database begins with here; the shop has 300,000. */
export const ORDERS = 9000;
export const PRODUCTS = 600;

/** The shop's own pods, by its manifests, on a node without controllers: no Services, so they are told each other's address. */
export interface ShopNode {
  node: TestNode;
  /** Makes a pod of a workload of the shop with other variables, and waits until it is ready. Gives its address. */
  pod(workload: string, env?: Env): Promise<string>;
  /** Runs the backup (`false`: not), and after it the check of it, with other variables each. Gives what they logged, and the file. */
  backup(name: string, env: { both: Env; backup?: Env | false; check?: Env }): Promise<BackedUp>;
  /** What a command in the database's pod says. */
  exec(command: string[]): Promise<string>;
  /** What a query gives to the database's owner, as lines. */
  sql(statements: string): Promise<string>;
  /** A GET, by which a pod is asked. */
  get(address: string, path: string): Promise<{ status: number; body: string }>;
  /** The series of a pod whose text begins so. */
  series(address: string, begin: string): Promise<string[]>;
  close(): Promise<void>;
}

export interface BackedUp {
  backup: Line[];
  check: Line[];
  /** Exit codes. */
  ended: { backup: number | undefined; check: number | undefined };
  /** Ids by table, as they are in the file. */
  ids: Record<string, number[]>;
}

type Line = Record<string, unknown>;

export async function startShopNode(): Promise<ShopNode> {
  const node = await startTestNode();
  const objects = stackObjects({
    programs: (name) => readFileSync(program(`programs/${name}.cjs`), 'utf8'),
    mode: 'simulated',
  });
  for (const object of objects.filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret'))
    node.api.create(`${object.kind.toLowerCase()}s`, {
      ...(JSON.parse(JSON.stringify(object).replaceAll('300000', String(ORDERS))) as NewObject),
      metadata: { name: object.metadata.name!, namespace: 'default' },
    });
  const templateOf = (name: string): PodSpec => {
    const found = objects.find(
      ({ kind, metadata }) => metadata.name === name && /^(Deployment|StatefulSet|CronJob)$/.test(kind),
    )!;
    return (found.kind === 'CronJob' ? found.spec.jobTemplate.spec : found.spec).template.spec;
  };
  const get: ShopNode['get'] = (address, path) => {
    const [host = '', port] = address.split(':');
    return node.network.fetch(host, Number(port ?? 9090), path, { timeoutMs: 20_000 });
  };
  const exec: ShopNode['exec'] = async (command) => {
    let said = '';
    const say = (chunk: Uint8Array) => {
      said += Buffer.from(chunk).toString();
    };
    const io = { stdout: say, stderr: say, tty: false };
    await node.kubelet.exec(node.get('db')!, 'postgres', command, io, AbortSignal.timeout(60_000));
    return said;
  };
  return {
    node,
    get,
    async pod(workload, env = {}) {
      const { containers, volumes = [] } = templateOf(workload);
      node.pod(workload, {
        containers: containers.map((one) => withEnv(one, env)),
        // What a StatefulSet's claim would be.
        volumes: [...volumes, ...(workload === 'db' ? [{ name: 'data', emptyDir: {} }] : [])],
      });
      return (await node.until(workload, ready, PATIENCE)).status.podIP;
    },
    async backup(name, { both, backup = {}, check = {} }) {
      const [writes] = templateOf('backup').containers;
      const [checks] = templateOf('backup-check').containers;
      const { uid } = node.pod(name, {
        restartPolicy: 'Never',
        initContainers: backup ? [withEnv(writes!, { ...both, ...backup })] : [],
        containers: [withEnv(checks!, { ...both, ...check })],
        volumes: (templateOf('backup').volumes ?? []).map((one) =>
          one.persistentVolumeClaim ? { name: one.name, emptyDir: {} } : one,
        ),
      }).metadata;
      const { status } = await node.until(
        name,
        (pod) => /Succeeded|Failed/.test(pod.status?.phase),
        PATIENCE,
      );
      return {
        backup: backup ? await linesOf(node, name, 'backup') : [],
        check: await linesOf(node, name, 'check'),
        ended: {
          backup: exitCode(status.initContainerStatuses?.[0]),
          check: exitCode(status.containerStatuses[0]),
        },
        ids: idsOf(join(node.folder, 'pods', uid)),
      };
    },
    exec,
    sql: async (statements) =>
      (await exec(['psql', '-U', 'shop', '-d', 'shop', '-qAt', '-c', statements])).trim(),
    async series(address, begin) {
      const { body } = await get(address, '/metrics');
      return body.split('\n').filter((line) => line.startsWith(begin));
    },
    close: () => node.close(),
  };
}

function withEnv(container: Container, more: Env): Container {
  const rest = (container.env ?? []).filter(({ name }) => !(name in more));
  return { ...container, env: [...rest, ...Object.entries(more).map(([name, value]) => ({ name, value }))] };
}

async function linesOf(node: TestNode, name: string, container: string): Promise<Line[]> {
  let text = '';
  const pod = node.get(name) as KubeObject;
  const signal = AbortSignal.timeout(10_000);
  for await (const chunk of node.kubelet.logs(pod, container, {}, signal))
    text += Buffer.from(chunk).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

function exitCode(status: { state: { terminated?: { exitCode: number } } } | undefined): number | undefined {
  return status?.state.terminated?.exitCode;
}

/** Of the one backup below a folder, if there is one; the first column of every row is its id. */
function idsOf(folder: string): Record<string, number[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\/shop-[^/]*\.jsonl\.gz$/.test(file),
  );
  const ids: Record<string, number[]> = {};
  if (files[0] === undefined) return ids;
  for (const line of gunzipSync(readFileSync(join(folder, files[0])))
    .toString()
    .trim()
    .split('\n')) {
    const { table, rows } = JSON.parse(line) as { table: string; rows: string[] };
    ids[table] = (ids[table] ?? []).concat(...rows.map((row) => Number(/^\((\d+),/.exec(row)?.[1])));
  }
  return ids;
}

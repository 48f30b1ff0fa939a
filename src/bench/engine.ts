import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { realClock, seededRandom } from '../clock.ts';
import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { connect } from '../cluster/connection/connect.ts';
import { clusterIdentity } from '../cluster/identity.ts';
import { readOnce } from '../cluster/read-once.ts';
import { refOf } from '../cluster/ref.ts';
import { apply } from '../fault/apply/apply.ts';
import type { FaultInput } from '../fault/fault-type.ts';
import type { GuardianSettings } from '../fault/guardian/settings.ts';
import { createClusterLedger } from '../fault/ledger/cluster-ledger.ts';
import { createLedger } from '../fault/ledger/ledger.ts';
import { ledgerPair } from '../fault/ledger/pair.ts';
import type { Operation } from '../fault/operation.ts';
import { makePlan } from '../fault/plan/plan.ts';
import { assertPassed, preflight } from '../fault/plan/preflight.ts';
import { revert } from '../fault/revert/revert.ts';
import { faultType } from '../fault/types/registry.ts';
import type { SandboxAccess } from '../game/start/sandbox-link.ts';
import { startSandbox, stopSandbox } from '../game/start/sandbox-process.ts';
import { type Figure, median, spread, timed } from './measure.ts';

const rounds = 15;
const namespace = 'batch';

/** What care costs: plan, preflight, ledger, apply and verify of ten operations against the bare calls of the ten. */
export async function engineFigures(home: string): Promise<Figure[]> {
  const access = await startSandbox({ stateHome: home });
  try {
    const figures: Figure[] = [];
    for (const delay of [0, 10])
      for (const inBoth of [false, true]) figures.push(await paired(access, home, { delay, inBoth }));
    return figures;
  } finally {
    await stopSandbox(access);
  }
}

interface Way {
  /** ms that the network takes in each direction. */
  delay: number;
  /** Whether the ledger has its copy in the cluster, as in a game; else it is the file alone. */
  inBoth: boolean;
}

async function paired(access: SandboxAccess, home: string, { delay, inBoth }: Way): Promise<Figure> {
  const folder = mkdtempSync(join(home, 'engine-'));
  // Not on the way where there is no way: passing it on costs this process as much as asking.
  const relay = delay > 0 ? await startRelay(access.kubeconfig, delay) : undefined;
  const kubeconfig = join(folder, 'kubeconfig');
  const server = relay?.url ?? serverOf(access.kubeconfig);
  writeFileSync(kubeconfig, withServer(access.kubeconfig, server), { mode: 0o600 });
  const cluster = await connect({ kubeconfig, context: access.context });
  try {
    for (const object of objects) await cluster.create(object);
    const careful: number[] = [];
    const bare: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const [a, b] = [
        await withCare(cluster, access, { file: join(folder, `${round}.jsonl`), inBoth }),
        await without(cluster),
      ];
      // The first round warms up.
      if (round >= 0) careful.push(a);
      if (round >= 0) bare.push(b);
    }
    const ratios = careful.map((ms, index) => ms / (bare[index] ?? Number.NaN));
    return {
      what: `plan, preflight, apply of ten operations${delay > 0 ? `, ${2 * delay} ms away` : ''}${inBoth ? ', ledger in both places' : ''}`,
      value: `${median(ratios).toFixed(2)} × bare calls (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
      how: `${rounds} pairs, ledger synced: ${spread(careful, 'ms')} against ${spread(bare, 'ms')}`,
    };
  } finally {
    for (const object of objects) await cluster.delete(refOf(object));
    cluster.close();
    relay?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything that a game does from the scenario to the last field that was read again, ms; undone off the clock. */
async function withCare(
  cluster: Cluster,
  access: SandboxAccess,
  ledgerAt: { file: string; inBoth: boolean },
): Promise<number> {
  const identity = await clusterIdentity(cluster);
  const head = { game: 'bench', cluster: identity, at: Date.now() };
  const file = await createLedger(ledgerAt.file, head);
  const maintenance = { cluster, clock: realClock, namespace: 'maintenance' };
  const copy = ledgerAt.inBoth ? await createClusterLedger(maintenance, file.entries) : undefined;
  const ledger = copy ? ledgerPair(file, copy) : file;
  const engine = { cluster, ledger, clock: realClock, emit: () => undefined };
  const ms = await timed(async () => {
    const picture = readOnce(cluster);
    const plan = await planOf(picture);
    assertPassed(
      await preflight(
        plan,
        {
          ...{ namespaces: [namespace], sandboxMarker: access.markerUid },
          ...{ secondsToPlay: 600, ...(copy && { guardian }) },
          limits: {
            ...{ minutes: 40, requestsPerSecond: 1 },
            ...{ workloads: { percent: 100 }, nodes: { count: 0 } },
            stress: { cpu: 0, memory: '0' },
          },
        },
        picture,
      ),
    );
    await apply(plan.operations, engine);
  });
  const { differences, conflicts } = await revert(engine, { undoResponder: false });
  await copy?.remove();
  await ledger.close();
  if (differences.length + conflicts.length > 0)
    throw new Error(`not put back: ${[...differences, ...conflicts].join('; ')}`);
  return ms;
}

/** One look and one write an operation, in order, and nothing else; ms. Undone off the clock. */
async function without(cluster: Cluster): Promise<number> {
  const { operations } = await planOf(cluster);
  const was = new Map<Operation, ClusterObject | undefined>();
  const ms = await timed(async () => {
    for (const operation of operations) {
      const { ref } = operation;
      was.set(operation, await cluster.get(ref));
      if (operation.verb === 'create') await cluster.create(operation.object);
      if (operation.verb === 'delete') await cluster.delete(ref);
      if (operation.verb === 'patch') await cluster.patch(ref, 'merge', { data: { tone: 'rude' } });
    }
  });
  for (const { verb, ref } of operations) {
    if (verb === 'create') await cluster.delete(ref);
    const object = objects.find(({ metadata }) => metadata.name === ref.name);
    if (verb === 'delete') await cluster.create(object!);
    if (verb === 'patch') await cluster.patch(ref, 'merge', { data: { tone: 'kind' } });
  }
  return ms;
}

function planOf(cluster: Cluster) {
  return makePlan(faults, {
    cluster,
    namespaces: [namespace],
    secondsToPlay: 600,
    random: seededRandom(1),
    image: 'node:20-slim',
    programText: () => '',
  });
}

const guardian: GuardianSettings = {
  ...{ mode: 'off', namespace: 'maintenance', image: '', imagePullSecrets: [], after: 30 },
};

const configMap = (name: string): ClusterObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } },
  data: { tone: 'kind' },
});

const objects = Array.from({ length: 8 }, (_, index) => configMap(`greeter-${index}`));

/** Six patches, two objects made, two deleted: none waits for a rollout, whose length is the workload's. */
const faults: FaultInput[] = [
  ...objects
    .slice(0, 6)
    .map(({ metadata: { name } }) =>
      fault(`patch-${name}`, 'config', { configMap: `${namespace}/${name}`, set: { tone: 'rude' } }),
    ),
  ...['more', 'most'].map((name) => fault(name, 'apply', { manifests: [configMap(`greeter-${name}`)] })),
  ...objects
    .slice(6)
    .map(({ metadata: { name } }) =>
      fault(`delete-${name}`, 'delete', { ref: `configmap/${namespace}/${name}` }),
    ),
];

function fault(id: string, type: string, spec: object): FaultInput {
  return { id, type, spec: faultType(type).schema.parse(spec) };
}

interface KubeconfigText {
  clusters: { cluster: { server: string } }[];
}

function serverOf(kubeconfig: string): string {
  return (parse(readFileSync(kubeconfig, 'utf8')) as KubeconfigText).clusters[0]?.cluster.server ?? '';
}

function withServer(kubeconfig: string, server: string): string {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as KubeconfigText;
  for (const { cluster } of config.clusters) cluster.server = server;
  return stringify(config);
}

/** Passes TCP on to the server of a kubeconfig on this machine, each way `delay` ms later. */
async function startRelay(kubeconfig: string, delay: number): Promise<{ url: string; close(): void }> {
  const port = Number(new URL(serverOf(kubeconfig)).port);
  const ends = new Set<Socket>();
  const pass = (from: Socket, to: Socket) => {
    ends.add(from);
    const later = (act: () => void) => void setTimeout(act, delay);
    from.on('data', (chunk) => later(() => void to.write(chunk)));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      ends.delete(from);
      to.destroy();
    });
  };
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    near.setNoDelay();
    far.setNoDelay();
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const end of ends) end.destroy();
    },
  };
}

/** haymaker on a cluster that is not the sandbox, by the same commands, with a real Prometheus as the monitor. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connect.ts';
import { requireCurrentGame } from '../../src/game/current.ts';
import { connectPrometheus } from '../../src/signal/prometheus.ts';
import { misfortune, type PlayedGame, play, run } from './real-cluster/commands.ts';
import { lacksOf } from './real-cluster/lacks.ts';
import { monitoring, startMonitoring } from './real-cluster/monitoring.ts';
import { placeToPlay } from './real-cluster/place.ts';
import { snapshot } from './real-cluster/snapshot.ts';

const place = placeToPlay();
const namespaces = ['shop', 'batch'];
/** Half a core for checkout is 62 quotes a second; customers want 7 of them. */
const limits = '--limits=checkout=cpu=250m';
const params = ['--param', 'rate=100'];

describe.skipIf(!place)('haymaker on a real cluster', () => {
  const folder = place ? mkdtempSync(join(tmpdir(), 'real-cluster-')) : '';
  const env = { MISFORTUNE_HOME: join(folder, 'home') };
  const on = ['--cluster', 'staging', '--config', join(folder, 'misfortune.yaml')];
  const closing: (() => Promise<unknown>)[] = [];
  let cluster: Cluster;
  let prometheus: { url: string } | { service: string };

  const kubectl = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await run(
      'kubectl',
      ['--kubeconfig', place!.kubeconfig, ...args],
      {},
      input,
    );
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  beforeAll(async () => {
    cluster = await connect({ kubeconfig: place!.kubeconfig });
    closing.push(async () => cluster.close());
    const { version, lacks } = await lacksOf(cluster);
    console.info(
      `Kubernetes ${version}${lacks.length > 0 ? ` lacks ${lacks.join(', ')}` : ' lacks nothing'}`,
    );
    const stack = await misfortune(['stack', 'print', limits], {});
    expect(stack.stderr).toBe('');
    if (!(await cluster.get({ kind: 'namespace', name: 'shop' })))
      closing.push(() => kubectl(['delete', '--timeout=100s', 'namespace', ...namespaces]));
    await kubectl(['apply', '-f', '-'], stack.stdout);
    // The copy of the ledger and the guardian are there; a game never makes it by itself.
    if (!(await cluster.get({ kind: 'namespace', name: 'maintenance' })))
      await kubectl(['create', 'namespace', 'maintenance']);
    for (const namespace of namespaces)
      await kubectl([
        '-n',
        namespace,
        'wait',
        '--for=condition=Available',
        '--timeout=240s',
        'deployment',
        '--all',
      ]);
    const endpoint = place!.prometheus;
    if (endpoint === undefined) {
      const started = await startMonitoring(cluster, place!.enter);
      closing.push(() => started.close());
    }
    prometheus = endpoint?.startsWith('http')
      ? { url: endpoint }
      : { service: endpoint ?? monitoring.prometheus };
    writeFileSync(
      join(folder, 'misfortune.yaml'),
      stringify({
        apiVersion: 'misfortune/v1',
        kind: 'Config',
        clusters: {
          staging: {
            context: cluster.context,
            kubeconfig: place!.kubeconfig,
            namespaces,
            prometheus,
            ...(endpoint === undefined && { alertmanager: { service: monitoring.alertmanager } }),
          },
        },
      }),
    );
  }, 900_000);

  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('serves the shop’s customers, as its Prometheus sees it', async () => {
    const client = connectPrometheus({ ...prometheus, cluster });
    const healthy = 'shop:customers:success_ratio > 0.98 and shop:checkout:p95_seconds < 0.25';
    await expect
      .poll(async () => (await client.query(healthy)).length, { timeout: 300_000, interval: 2000 })
      .toBe(1);
  });

  it('has what a game needs, says doctor', async () => {
    const { stdout } = await misfortune(['doctor', ...on, '--json'], env);
    const missing = (JSON.parse(stdout) as { what: string; state: string; seen: string }[]).filter(
      ({ state }) => state === 'missing',
    );
    expect(missing).toEqual([]);
  });

  it('is played from the injection to the scorecard, and the cluster is as it was', async () => {
    const before = await snapshot(cluster, namespaces);
    const game = play(['haymaker', ...on, ...params], env);
    await game.until('effect-seen');
    await firing(game, 'CheckoutLatencyHigh');
    const shell = await misfortune(['join', '--yes', '--as', 'alex', '-c', response], env);
    expect(shell, shell.stderr).toMatchObject({ code: 0 });
    expect(await game.ended, game.said()).toBe(0);
    expect(game.events).toContainEqual(expect.objectContaining({ type: 'claimed', accepted: true }));
    expect(game.events).toContainEqual(expect.objectContaining({ type: 'ended', ending: 'mitigated' }));
    expect(game.events).toContainEqual(
      expect.objectContaining({ type: 'restore-verified', differences: [], conflicts: [] }),
    );
    const titles = game.events.flatMap((event) => (event.type === 'action-seen' ? [event.action.title] : []));
    expect(titles).toContain('kubectl delete job report-export -n batch');
    expect(titles).toContain('query shop:inbound:rate1m');
    expect(await snapshot(cluster, namespaces)).toEqual(before);
  }, 600_000);

  it('is restored by recover after the conductor was killed in mid-game', async () => {
    const before = await snapshot(cluster, namespaces);
    const game = play(['haymaker', ...on, ...params], env);
    await game.until('effect-seen');
    process.kill(requireCurrentGame(env.MISFORTUNE_HOME).address.pid, 'SIGKILL');
    await game.ended;
    expect(await snapshot(cluster, namespaces)).not.toEqual(before);
    const recovered = await misfortune(['recover', ...on, '--json'], env);
    expect(recovered, recovered.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(recovered.stdout)).toMatchObject([{ differences: [], conflicts: [] }]);
    expect(await snapshot(cluster, namespaces)).toEqual(before);
    expect(JSON.parse((await misfortune(['recover', ...on, '--json'], env)).stdout)).toEqual([]);
  }, 600_000);

  it('is restored by the guardian when nobody comes back: its pod deleted and a stranger at work in between', async () => {
    const game = play(['haymaker', ...on, ...params], env);
    await game.until('effect-seen');
    process.kill(requireCurrentGame(env.MISFORTUNE_HOME).address.pid, 'SIGKILL');
    const killed = performance.now();
    const seconds = () => Math.round((performance.now() - killed) / 1000);
    await game.ended;
    await kubectl(['-n', 'shop', 'annotate', 'deployment', 'worker', 'example.org/note=kept']);
    const job = { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-export' };
    await expect.poll(seconds, { timeout: 60_000, interval: 500 }).toBeGreaterThan(15);
    await kubectl([
      '-n',
      'maintenance',
      'delete',
      'pod',
      '--wait=false',
      '-l',
      'app.kubernetes.io/name=maintenance-task',
    ]);
    expect(await cluster.get(job)).toBeDefined();
    await expect.poll(() => cluster.get(job), { timeout: 60_000, interval: 500 }).toBeUndefined();
    console.info(`restored by the guardian ${seconds()} s after the kill, its pod deleted in between`);
    expect(seconds()).toBeLessThan(60);

    // A teammate on another machine: nothing but the kubeconfig.
    const { context } = cluster;
    const there = ['recover', '--verify', '--json', '--context', context, '--kubeconfig', place!.kubeconfig];
    const elsewhere = { MISFORTUNE_HOME: join(folder, 'elsewhere') };
    const seen = await misfortune(there, elsewhere);
    expect(seen, seen.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(seen.stdout)).toMatchObject([
      {
        ...{ already: true, by: 'guardian', differences: [], conflicts: [] },
        fromBaseline: [expect.stringMatching(/worker metadata.annotations.*was absent, is "?kept/)],
      },
    ]);
    expect(await cluster.list({ kind: 'deployment' }, { namespace: 'maintenance' })).toEqual([]);
    const here = await misfortune(['recover', ...on, '--json'], env);
    expect(JSON.parse(here.stdout)).toMatchObject([{ already: true, by: 'guardian' }]);
    expect(await cluster.list({ kind: 'secret' }, { namespace: 'maintenance', labelSelector })).toEqual([]);
    await kubectl(['-n', 'shop', 'annotate', 'deployment', 'worker', 'example.org/note-']);
  }, 600_000);
});

/** Of what a game keeps in the cluster. */
const labelSelector = 'app.kubernetes.io/name=maintenance';

/** What a responder types; the claim is repeated until latency has been low for long enough. */
const response = [
  'set -e',
  'kubectl get pods,jobs -A >/dev/null',
  `node -e 'fetch(process.env.PROMETHEUS_URL + "/api/v1/query?query=shop:inbound:rate1m").then((a) => process.exit(a.ok ? 0 : 1))'`,
  'kubectl -n batch delete job report-export',
  'misfortune diagnose --origin job.batch/batch/report-export --mechanism load',
  'until misfortune resolve; do sleep 5; done',
].join('\n');

async function firing(game: PlayedGame, name: string): Promise<void> {
  await game.until('alert-changed', (event) => event.name === name && event.state === 'firing');
}

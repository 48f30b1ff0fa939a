/** Whole games on a cluster that is not the sandbox, by the same commands, with a real Prometheus as the monitor. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireGameAddress } from '../../../src/game/api/current.ts';
import type { ValidationReport } from '../../../src/game/validate/result.ts';
import { connectPrometheus } from '../../../src/signal/prometheus.ts';
import { misfortune, type PlayedGame, play } from './commands.ts';
import { placeToPlay } from './place.ts';
import { claim, mendOf } from './responses.ts';
import { snapshot } from './snapshot.ts';
import { namespaces, type Stand, setUpStand } from './stand.ts';

const place = placeToPlay();
/** Above what checkout can do there. */
const params = ['--param', 'rate=100'];
/** How soon the guardian has to have restored after the heartbeat stopped. */
const RESTORED_WITHIN_SECONDS = 60;

let stand: Stand;
beforeAll(async () => {
  if (place) stand = await setUpStand(place);
}, 900_000);
afterAll(() => stand?.close(), 240_000);

describe.skipIf(!place)('on a real cluster', () => {
  it('the shop serves its customers, as its Prometheus sees it', async () => {
    const client = connectPrometheus({ ...stand.prometheus, cluster: stand.cluster });
    const healthy = 'shop:customers:success_ratio > 0.98 and shop:checkout:p95_seconds < 0.25';
    await expect
      .poll(async () => (await client.query(healthy)).length, { timeout: 300_000, interval: 2000 })
      .toBe(1);
  });

  it('there is what a game needs, says doctor', async () => {
    const { stdout } = await misfortune(['doctor', ...stand.on, '--json'], stand.env);
    const findings = JSON.parse(stdout) as { what: string; state: string; seen: string }[];
    expect(findings.filter(({ state }) => state === 'missing')).toEqual([]);
  });

  it('haymaker is played from the injection to the scorecard, and the cluster is as it was', async () => {
    const titles = await playToTheEnd(['haymaker', ...params], 'CheckoutLatencyHigh', [
      'kubectl get pods,jobs -A >/dev/null',
      `node -e 'fetch(process.env.PROMETHEUS_URL + "/api/v1/query?query=shop:inbound:rate1m").then((a) => process.exit(a.ok ? 0 : 1))'`,
      await mendOf('haymaker', stand),
      'misfortune diagnose --origin job.batch/batch/report-export --mechanism load',
    ]);
    expect(titles).toContain('kubectl delete job report-export -n batch');
    expect(titles).toContain('query shop:inbound:rate1m');
  }, 600_000);

  // What haymaker left in five minutes of errors is waited for.
  it.skipIf(place?.short)(
    'broken-upstream is played from the injection to the scorecard, and the cluster is as it was',
    async () => {
      const titles = await playToTheEnd(['broken-upstream'], 'EdgeErrorRatio', [
        'kubectl -n shop get configmap edge-upstreams -o yaml >/dev/null',
        await mendOf('broken-upstream', stand),
        'misfortune diagnose --origin configmap/shop/edge-upstreams --mechanism upstream',
      ]);
      expect(titles).toContainEqual(expect.stringMatching(/^kubectl patch configmap edge-upstreams -n shop/));
    },
    1_500_000,
  );

  it.skipIf(place?.short)(
    'recover restores after the conductor was killed in mid-game',
    async () => {
      const before = await snapshot(stand.cluster, namespaces);
      await playToTheKill();
      expect(await snapshot(stand.cluster, namespaces)).not.toEqual(before);
      const recovered = await misfortune(['recover', ...stand.on, '--json'], stand.env);
      expect(recovered, recovered.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(recovered.stdout)).toMatchObject([{ differences: [], conflicts: [] }]);
      expect(await snapshot(stand.cluster, namespaces)).toEqual(before);
      const again = await misfortune(['recover', ...stand.on, '--json'], stand.env);
      expect(JSON.parse(again.stdout)).toEqual([]);
    },
    600_000,
  );

  it('the guardian restores when nobody comes back: its pod deleted and a stranger at work in between', async () => {
    const { cluster, kubectl } = stand;
    await playToTheKill();
    const killed = performance.now();
    const seconds = () => Math.round((performance.now() - killed) / 1000);
    await kubectl(['-n', 'shop', 'annotate', 'deployment', 'worker', 'example.org/note=kept']);
    const job = { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-export' };
    await expect.poll(seconds, { timeout: 60_000, interval: 500 }).toBeGreaterThan(15);
    const guardian = ['-l', 'app.kubernetes.io/name=maintenance-task'];
    await kubectl(['-n', 'maintenance', 'delete', 'pod', '--wait=false', ...guardian]);
    expect(await cluster.get(job)).toBeDefined();
    await expect.poll(() => cluster.get(job), { timeout: 120_000, interval: 500 }).toBeUndefined();
    console.info(`restored by the guardian ${seconds()} s after the kill, its pod deleted in between`);
    expect(seconds()).toBeLessThan(RESTORED_WITHIN_SECONDS);

    // A teammate on another machine: nothing but the kubeconfig.
    const there = ['--context', cluster.context, '--kubeconfig', place!.kubeconfig];
    const elsewhere = { MISFORTUNE_HOME: join(stand.folder, 'elsewhere') };
    const seen = await misfortune(['recover', '--verify', '--json', ...there], elsewhere);
    expect(seen, seen.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(seen.stdout)).toMatchObject([
      {
        ...{ already: true, by: 'guardian', differences: [], conflicts: [] },
        fromBaseline: [expect.stringMatching(/worker metadata.annotations.*was absent, is "?kept/)],
      },
    ]);
    expect(await cluster.list({ kind: 'deployment' }, { namespace: 'maintenance' })).toEqual([]);
    const here = await misfortune(['recover', ...stand.on, '--json'], stand.env);
    expect(JSON.parse(here.stdout)).toMatchObject([{ already: true, by: 'guardian' }]);
    expect(await cluster.list({ kind: 'secret' }, { namespace: 'maintenance', labelSelector })).toEqual([]);
    await kubectl(['-n', 'shop', 'annotate', 'deployment', 'worker', 'example.org/note-']);
  }, 600_000);

  it.skipIf(place?.short).each([
    ['haymaker', ['delete the job', ...params]],
    ['broken-upstream', ['put the list back']],
  ])(
    '%s is validated: its playbook leads to the end, and so does a fix',
    async (scenario, [fix = '', ...rest]) => {
      const before = await snapshot(stand.cluster, namespaces);
      for (const chosen of [
        ['--only', 'playbook'],
        ['--case', fix],
      ]) {
        const args = ['validate', scenario, ...chosen, ...rest, ...stand.on, '--json'];
        const { stdout, stderr } = await misfortune(args, stand.env, 1_200_000);
        const report = JSON.parse(stdout || '{"results":[]}') as ValidationReport;
        expect(report, stderr).toMatchObject({ passed: true, speed: 1 });
        for (const { kind, name, seconds } of report.results)
          console.info(`${scenario}: ${kind} ${name} passed in ${seconds} s`);
      }
      expect(await snapshot(stand.cluster, namespaces)).toEqual(before);
    },
    2_400_000,
  );
});

/** Of what a game keeps in the cluster. */
const labelSelector = 'app.kubernetes.io/name=maintenance';

/** Plays until the alert fires, responds, and gives the titles of what was done. */
async function playToTheEnd(args: string[], alert: string, response: string[]): Promise<string[]> {
  const { cluster, env, on } = stand;
  const before = await snapshot(cluster, namespaces);
  const game = play([...args, ...on], env);
  const injected = await game.until('effect-seen');
  const fired = await firing(game, alert);
  console.info(
    `${args[0]}: ${alert} fired ${Math.round((fired.at - injected.at) / 1000)} s after the effect was seen`,
  );
  const script = ['set -e', ...response, claim].join('\n');
  const shell = await misfortune(['join', '--yes', '--as', 'alex', '-c', script], env, 600_000);
  expect(shell, shell.stderr).toMatchObject({ code: 0 });
  expect(await game.ended, game.said()).toBe(0);
  expect(game.events).toContainEqual(expect.objectContaining({ type: 'claimed', accepted: true }));
  expect(game.events).toContainEqual(expect.objectContaining({ type: 'ended', ending: 'mitigated' }));
  expect(game.events).toContainEqual(
    expect.objectContaining({ type: 'restore-verified', differences: [], conflicts: [] }),
  );
  expect(await snapshot(cluster, namespaces)).toEqual(before);
  return game.events.flatMap((event) => (event.type === 'action-seen' ? [event.action.title] : []));
}

/** Plays haymaker until its effect is seen, and kills its conductor. */
async function playToTheKill(): Promise<void> {
  const { env, on } = stand;
  const game = play(['haymaker', ...on, ...params], env);
  await game.until('effect-seen');
  process.kill(requireGameAddress(env.MISFORTUNE_HOME ?? '').pid, 'SIGKILL');
  await game.ended;
}

const firing = (game: PlayedGame, name: string) =>
  game.until('alert-changed', (event) => event.name === name && event.state === 'firing');

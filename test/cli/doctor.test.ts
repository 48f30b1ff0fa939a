import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apiServerClock, clockFinding } from '../../src/cli/commands/doctor/clock.ts';
import type { Finding } from '../../src/cli/commands/doctor/finding.ts';
import { examine } from '../../src/cli/commands/doctor.ts';
import { realClock } from '../../src/clock.ts';
import { newHolder } from '../../src/cluster/access/lease.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { clusterIdentity } from '../../src/cluster/identity.ts';
import { apply } from '../../src/fault/apply/apply.ts';
import { guardianStatus } from '../../src/fault/guardian/install.ts';
import { guardianName } from '../../src/fault/guardian/settings.ts';
import { watch } from '../../src/fault/guardian/watch.ts';
import { createClusterLedger } from '../../src/fault/ledger/cluster-ledger.ts';
import { openConductor } from '../../src/game/conductor.ts';
import { setUpGame } from '../../src/game/start/options.ts';
import { program } from '../../src/paths.ts';
import { planFor } from '../fault/game.ts';
import { kubeconfigOf, newServiceAccount } from '../game/accounts.ts';
import { playbookText, type SmallTown, scenarioText, startSmallTown } from '../game/small-cluster.ts';
import { kubectlVersions, runKubectl } from '../kubectl.ts';
import { answering } from '../signal/http-server.ts';

const run = promisify(execFile);

let home: string;
let town: SmallTown;
let admin: Cluster;
let masters: string;
const variables = { home: process.env.MISFORTUNE_HOME, kubeconfig: process.env.KUBECONFIG };
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'doctor-'));
  town = await startSmallTown(home);
  admin = (await town.setup()).cluster;
  masters = join(home, 'masters.kubeconfig');
  await newServiceAccount(admin, 'games');
  await kubeconfigOf(town.server.kubeconfig, admin, 'games', masters);
  mkdirSync(join(home, 'bin'));
  writeFileSync(
    join(home, 'bin/misfortune'),
    `#!/bin/sh\nexec "${process.execPath}" "${program('cli.js')}" "$@"\n`,
  );
  chmodSync(join(home, 'bin/misfortune'), 0o755);
  const { path } = kubectlVersions()[0]!;
  if (isAbsolute(path)) symlinkSync(path, join(home, 'bin/kubectl'));
  writeFileSync(join(home, 'wrong-greeting.yaml'), scenarioText);
  writeFileSync(join(home, 'playbook.yaml'), playbookText);
  configure();
  process.env.MISFORTUNE_HOME = join(home, 'state');
}, 60_000);
afterAll(async () => {
  process.env.MISFORTUNE_HOME = variables.home;
  process.env.KUBECONFIG = variables.kubeconfig;
  if (variables.home === undefined) delete process.env.MISFORTUNE_HOME;
  if (variables.kubeconfig === undefined) delete process.env.KUBECONFIG;
  await town.close();
  rmSync(home, { recursive: true });
});
afterEach(() => configure());

function configure(more = '') {
  writeFileSync(
    join(home, 'misfortune.yaml'),
    `apiVersion: misfortune/v1
kind: Config
scenarios: [.]
playbooks: [.]
clusters:
  staging:
    context: staging
    namespaces: [town]
    prometheus: { url: '${town.prometheus.url}' }
    limits: { minutes: 60, workloads: 100% }
${more}`,
  );
}

/** What the doctor says to whoever has this kubeconfig. */
async function findings(kubeconfig = town.server.kubeconfig): Promise<Finding[]> {
  process.env.KUBECONFIG = kubeconfig;
  return await examine({ cluster: 'staging', config: join(home, 'misfortune.yaml') });
}

async function about(what: string, kubeconfig?: string): Promise<Finding[]> {
  return (await findings(kubeconfig)).filter((finding) => finding.what === what);
}

/** Runs the commands that a finding suggests, as they are, with an admin's credentials. */
async function follow({ todo = '' }: Finding): Promise<void> {
  const commands = [...todo.matchAll(/`((?:kubectl|misfortune) [^`]+)`/g)].map(([, command]) => command!);
  expect(commands, todo).toHaveLength(1);
  const env = { ...process.env, KUBECONFIG: town.server.kubeconfig };
  for (const command of commands)
    await run('sh', ['-c', command], {
      cwd: home,
      env: { ...env, PATH: `${join(home, 'bin')}:${process.env.PATH}` },
    });
}

describe('the doctor', () => {
  it('finds nothing missing where nothing is', async () => {
    const all = await findings();
    expect(all.filter(({ state, what }) => state === 'missing' && what !== 'kubectl')).toEqual([]);
    expect(all).toContainEqual({ what: 'namespaces', state: 'ok', seen: 'town: open for games' });
    expect(all).toContainEqual({ what: 'wrong-greeting', state: 'ok', seen: 'can be played' });
    expect(all.find(({ what }) => what === 'guardian')).toMatchObject({
      state: 'ok',
      seen: 'each game deploys its own guardian to maintenance (Pod Security: nothing enforced)',
    });
    expect(all.find(({ what }) => what === 'announce')).toMatchObject({ state: 'warning' });
    expect(all.find(({ what }) => what === 'clock')).toMatchObject({ state: 'ok' });
  });

  it.each([
    ['the label of a namespace', 'label namespace town misfortune.dev/game-days-'],
    ['an annotation that stops games', 'annotate namespace town misfortune.dev/abort=true'],
  ])('says how to put right %s, and that is right', async (_, breaking) => {
    const broke = await runKubectl(breaking.split(' '), { kubeconfig: town.server.kubeconfig });
    expect(broke).toMatchObject({ exitCode: 0 });
    await mends('namespaces', 'town: open for games');
  });

  it('says how to make the namespace of the ledger’s copy, and that is right', async () => {
    configure('    guardian: { namespace: elsewhere }\n');
    await mends('namespaces', 'town: open for games');
  });

  /** What is missing is told once, and its command makes it right. */
  async function mends(what: string, seen: string): Promise<void> {
    const before = await findings();
    const [broken, ...others] = before.filter((finding) => finding.what === what);
    expect([broken?.state, others]).toEqual(['missing', []]);
    expect(broken?.todo).toContain('kubectl --context=staging ');
    expect(before.find((finding) => finding.what === 'wrong-greeting')).toMatchObject({ state: 'missing' });
    await follow(broken!);
    const after = await findings();
    expect(after).toContainEqual({ what, state: 'ok', seen });
    expect(after).toContainEqual({ what: 'wrong-greeting', state: 'ok', seen: 'can be played' });
    expect(after).toContainEqual(expect.objectContaining({ what: 'ledger', state: 'ok' }));
  }

  it('says how to put back what a game that was played on another machine has left, and that is right', async () => {
    const greeter = { kind: 'configmap', namespace: 'town', name: 'greeter' };
    const place = { cluster: admin, clock: realClock, namespace: 'maintenance' };
    const { namespace } = place;
    const head = { game: 'elsewhere-1', cluster: await clusterIdentity(admin), at: 0, namespace };
    const ledger = await createClusterLedger(place, [{ type: 'opened', version: 1, ...head }]);
    const { operations } = await planFor(
      admin,
      { tone: { config: { configMap: 'town/greeter', set: { tone: 'rude' } } } },
      ['town'],
    );
    await apply(operations, { ...place, ledger, emit: () => undefined });
    expect(await admin.get(greeter)).toMatchObject({ data: { tone: 'rude' } });
    configure(`    kubeconfig: '${town.server.kubeconfig}'\n`);
    const [left] = await about('ledger', masters);
    expect(left).toMatchObject({
      state: 'missing',
      seen: 'game elsewhere-1 left changes in this cluster',
      todo: expect.stringContaining(
        `\`misfortune recover --context staging --kubeconfig ${town.server.kubeconfig}\``,
      ),
    });
    await follow(left!);
    expect(await admin.get(greeter)).toMatchObject({ data: { tone: 'kind' } });
    expect(await about('ledger', masters)).toMatchObject([{ state: 'ok' }]);
  });

  it('says with which command an admin gives whoever asks the missing rights, and these are enough', async () => {
    const [permissions] = await about('permissions', masters);
    expect(permissions).toMatchObject({ state: 'missing' });
    expect(permissions?.todo).toContain('misfortune rbac --cluster staging --serviceaccount default:games |');
    await follow(permissions!);
    const all = await findings(masters);
    expect(all.filter(({ state, what }) => state === 'missing' && what !== 'kubectl')).toEqual([]);
    expect(all.find(({ what }) => what === 'permissions')?.seen).toMatch(/^all \d+ are granted$/);
  });

  it('warns where responders on this machine could not respond with the rights of a game master', async () => {
    expect(await about('responders')).toMatchObject([{ state: 'ok' }]);
    const [lacking] = await about('responders', masters);
    expect(lacking).toMatchObject({
      state: 'warning',
      seen: expect.stringContaining('get pods/log in town'),
      todo: expect.stringContaining('misfortune play --open'),
    });
  });

  it('says how to install a guardian, whether it is heard of, and what it may not', async () => {
    configure('    guardian: { mode: installed }\n');
    const [none] = await about('guardian');
    expect(none).toMatchObject({ state: 'missing', seen: 'no guardian has sent a heartbeat in maintenance' });
    await follow(none!);
    const name = guardianName('installed');
    const stop = new AbortController();
    const over = watch({
      ...{ cluster: admin, clock: realClock, signal: stop.signal, log: () => undefined },
      ...{ namespace: 'maintenance', name, holder: newHolder() },
    });
    const heardOf = () => guardianStatus('installed', 'maintenance', admin, realClock.now());
    await expect.poll(heardOf, { timeout: 20_000 }).toBeDefined();
    expect(await about('guardian')).toMatchObject([{ state: 'ok' }]);
    const role = { kind: 'role', group: 'rbac.authorization.k8s.io', namespace: 'town', name };
    await admin.delete(role);
    const [, lacking] = await about('guardian');
    expect(lacking).toMatchObject({ state: 'missing', seen: expect.stringContaining('patch configmaps') });
    await follow(lacking!);
    await expect.poll(heardOf, { timeout: 20_000 }).toBeDefined();
    expect(await about('guardian')).toMatchObject([{ state: 'ok' }]);
    stop.abort();
    await over;
  });

  it('looks at everything in a quiet time, too, in which no game starts', async () => {
    configure("    quiet: [{ after: '00:00' }]\n");
    const all = await findings();
    expect(all).toContainEqual({
      what: 'quiet time',
      state: 'warning',
      seen: 'quiet hours are in effect: no game starts on staging: after 00:00',
    });
    expect(all).toContainEqual({ what: 'wrong-greeting', state: 'ok', seen: 'can be played' });
    const setup = await setUpGame({
      ...{ stateHome: home, seed: 1, cluster: { config: join(home, 'misfortune.yaml'), name: 'staging' } },
      scenarioFile: join(home, 'wrong-greeting.yaml'),
      playbookFile: join(home, 'playbook.yaml'),
    });
    await expect(openConductor(setup)).rejects.toMatchObject({
      ...{ code: 'quiet-time', exitCode: 3 },
      message: 'No game starts now on staging: after 00:00.',
    });
    setup.cluster.close();
  });

  it('tells which series of the steady state have no value, or not a healthy one', async () => {
    expect(await about('series')).toMatchObject([{ state: 'ok' }]);
    town.prometheus.value = 0.9;
    expect(await about('series')).toMatchObject([
      { state: 'warning', seen: expect.stringContaining('not as it should be now: polite: 0.9') },
    ]);
    town.prometheus.value = Number.NaN;
    expect(await about('series')).toMatchObject([
      { state: 'missing', seen: 'wrong-greeting asks for polite: not a number (NaN) for rudeness' },
    ]);
    town.prometheus.value = 0.1;
  });

  it('tells of an Alertmanager that does not answer, and of Prometheus all the same', async () => {
    configure("    alertmanager: { url: 'http://127.0.0.1:1' }\n");
    const all = await findings();
    expect(all.find(({ what }) => what === 'Alertmanager')).toMatchObject({
      state: 'missing',
      todo: expect.stringContaining('correct alertmanager in misfortune.yaml'),
    });
    expect(all.find(({ what }) => what === 'Prometheus')).toMatchObject({ state: 'ok' });
    expect(all.find(({ what }) => what === 'series')).toMatchObject({ state: 'ok' });
  });

  it('names who is notified of the alerts that scenarios expect, and no address or key of theirs', async () => {
    const expected = 'alerts: { expected: [{ name: Rude, receiver: town }] }\ndiagnosis:';
    writeFileSync(join(home, 'wrong-greeting.yaml'), scenarioText.replace('diagnosis:', expected));
    const rule = { type: 'alerting', name: 'Rude', query: 'rudeness > 1', duration: 0, health: 'ok' };
    town.prometheus.groups = [
      {
        name: 'town',
        file: 'town.yml',
        interval: 15,
        rules: [{ ...rule, labels: { severity: 'page' }, annotations: {} }],
      },
    ];
    let original = `route: { receiver: all, routes: [{ matchers: [severity="page"], receiver: pager }] }
receivers: [{ name: all }, { name: town }, { name: pager, pagerduty_configs: [{ routing_key: hush-hush }] }]`;
    const { url, close } = await answering(({ path }) => ({
      body: path === '/api/v2/status' ? { config: { original } } : [{ name: 'all' }, { name: 'pager' }],
    }));
    configure(`    alertmanager: { url: '${url}' }\n`);
    const before = await findings();
    original = 'receivers: [hush-hush';
    const after = await findings();
    await close();
    writeFileSync(join(home, 'wrong-greeting.yaml'), scenarioText);
    town.prometheus.groups = [];
    expect(before.filter(({ what }) => what === 'receiver')).toEqual([
      { what: 'receiver', state: 'ok', seen: 'pager (pagerduty) is notified of Rude' },
      {
        what: 'receiver',
        state: 'warning',
        seen: 'wrong-greeting expects town to be notified of Rude; it is routed to pager',
        todo: expect.stringContaining('Fix the routes'),
      },
    ]);
    expect(after.filter(({ what }) => what === 'receiver')).toEqual([
      {
        what: 'receiver',
        state: 'warning',
        seen: expect.stringContaining('it is not known which receiver is notified of which alert'),
      },
    ]);
    expect(JSON.stringify([before, after])).not.toContain('hush');
  });

  it('tells of what cannot be reached, and of all the rest all the same', async () => {
    town.prometheus.broken = true;
    const all = await findings();
    town.prometheus.broken = false;
    expect(all.find(({ what }) => what === 'Prometheus')).toMatchObject({ state: 'missing' });
    expect(all.find(({ what }) => what === 'wrong-greeting')).toMatchObject({ state: 'ok' });
  });
});

describe('a clock', () => {
  it('that differs is told with how far, and which way', () => {
    expect(clockFinding('theirs', 100_000, 97_000)).toBeUndefined();
    expect(clockFinding('theirs', 190_000, 100_000)?.seen).toBe('theirs is 90 s ahead');
    expect(clockFinding('theirs', 40_000, 100_000)?.seen).toBe('theirs is 60 s behind');
  });

  it('of the API server is known by its answers', async () => {
    expect(await apiServerClock(admin)).toMatchObject([{ state: 'ok' }]);
    const early = () => Date.now() - 120_000;
    const [found] = await apiServerClock(admin, early);
    expect(found).toMatchObject({ state: 'warning', seen: "the API server's clock is 120 s ahead" });
  });
});

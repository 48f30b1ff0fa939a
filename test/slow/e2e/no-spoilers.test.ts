import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentGame } from '../../../src/game/api/current.ts';
import { packageRoot } from '../../../src/paths.ts';
import { runKubectl } from '../../kubectl.ts';
import { isPhase, launcher, Place, type PlainGame, startingMs } from './place.ts';
import { familyOf } from './processes.ts';
import { Search, wordsOf } from './secrets.ts';

let place: Place;
beforeAll(async () => {
  // Slow enough for all the looking before the time is up.
  place = new Place(4);
  await place.startSandbox();
}, startingMs);
afterAll(() => place.close());

describe.each(['haymaker', 'broken-upstream'])('while %s is played, a responder', (scenario) => {
  let game: PlainGame;
  let search: Search;
  let env: Record<string, string>;
  let stopJoin: () => Promise<void>;
  beforeAll(async () => {
    game = await place.playing(scenario, ['--open']);
    // With an alert there is all that can be seen: series, notifications, Events.
    await game.happened('an alert is told', ({ type }) => type === 'alert-notified', 90_000);
    search = new Search(wordsOf(scenario), [packageRoot, place.home]);
    ({ env, stop: stopJoin } = await openJoin());
  }, 150_000);
  afterAll(async () => {
    await stopJoin?.();
    game?.child.kill('SIGINT');
    await game?.ended;
    await place.healthy();
  }, 180_000);

  const nothing = () => expect(search.take()).toEqual([]);
  const kubectl = async (...args: string[]) => {
    const { stdout, stderr } = await runKubectl(args, { kubeconfig: env.KUBECONFIG! });
    search.look(`kubectl ${args.join(' ')}`, stdout + stderr);
    return stdout;
  };

  it('reads nothing of it in any list, description or discovery', async () => {
    const resources = (await kubectl('api-resources', '--verbs=list', '-o', 'name')).trim().split('\n');
    expect(resources.length).toBeGreaterThan(10);
    // PodMetrics and reviews cannot be described; every other kind goes into one command.
    const all = resources.filter((name) => !name.endsWith('.metrics.k8s.io')).join(',');
    await kubectl('get', resources.join(','), '-A', '-o', 'yaml', '--show-managed-fields');
    await kubectl('get', resources.join(','), '-A', '-o', 'wide', '--show-labels');
    const described = await kubectl('describe', all, '-A');
    expect(described).toMatch(/Name:\s+checkout-/);
    await kubectl('get', 'all', '-A');
    await kubectl('events', '-A');
    await kubectl('top', 'pods', '-A');
    await kubectl('auth', 'can-i', '--list');
    for (const path of ['/api', '/apis', '/version', '/metrics']) await kubectl('get', '--raw', path);
    nothing();
  });

  it('reads nothing of it in pods: environment, files, processes, logs', async () => {
    const pods = JSON.parse(await kubectl('get', 'pods', '-A', '-o', 'json')) as {
      items: { metadata: { name: string; namespace: string } }[];
    };
    expect(pods.items.length).toBeGreaterThan(6);
    for (const { metadata } of pods.items) {
      const pod = ['-n', metadata.namespace, metadata.name] as const;
      await kubectl('logs', ...pod, '--all-containers', '--prefix');
      const look = 'env; ps; pwd; hostname; ls -R /; cat /app/* /etc/hosts';
      await kubectl('exec', ...pod, '--', 'sh', '-c', look);
    }
    nothing();
  });

  it('reads nothing of it in metrics, rules, alerts and dashboards', async () => {
    const read = async (base: string, path: string) => {
      const response = await fetch(`${base}${path}`);
      const text = await response.text();
      search.look(path, `${JSON.stringify([...response.headers])} ${text}`);
      return text;
    };
    const { PROMETHEUS_URL = '', ALERTMANAGER_URL = '', GRAFANA_URL = '' } = env;
    const labels = JSON.parse(await read(PROMETHEUS_URL, '/api/v1/labels')) as { data: string[] };
    expect(labels.data).toContain('__name__');
    for (const label of labels.data) await read(PROMETHEUS_URL, `/api/v1/label/${label}/values`);
    await read(PROMETHEUS_URL, `/api/v1/series?match[]=${encodeURIComponent('{__name__=~".+"}')}`);
    const status = ['config', 'flags', 'runtimeinfo', 'buildinfo', 'tsdb'].map((one) => `status/${one}`);
    for (const path of ['rules', 'alerts', 'targets', 'metadata', 'alertmanagers', ...status])
      await read(PROMETHEUS_URL, `/api/v1/${path}`);
    for (const path of ['status', 'alerts', 'alerts/groups', 'receivers', 'silences'])
      await read(ALERTMANAGER_URL, `/api/v2/${path}`);
    const found = JSON.parse(await read(GRAFANA_URL, '/api/search')) as { uid: string }[];
    expect(found.length).toBeGreaterThan(2);
    for (const { uid } of found) {
      await read(GRAFANA_URL, `/api/dashboards/uid/${uid}`);
      await read(GRAFANA_URL, `/d/${uid}`);
    }
    for (const path of ['/', '/api/health', '/api/datasources', '/api/folders', '/nowhere'])
      for (const base of [PROMETHEUS_URL, ALERTMANAGER_URL, GRAFANA_URL]) await read(base, path);
    nothing();
  });

  it("reads nothing of it from the conductor's API, whatever is asked", async () => {
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await askConductor(method, path, body);
      search.look(`${method} ${path}`, answer);
      return answer;
    };
    const events = (await ask('GET', '/events?follow=false')).trim().split('\n');
    expect(events.length).toBeGreaterThan(5);
    const info = JSON.parse(await ask('GET', '/game')) as { mechanisms: string[] };
    expect(info.mechanisms.length).toBeGreaterThan(2);
    await ask('GET', '/origins?prefix=');
    await ask('GET', '/nowhere');
    await ask('GET', '/events?since=x');
    for (const type of ['start', 'nudge', 'resolve', 'ack', 'unknown'])
      await ask('POST', '/declarations', { type, who: 'r', text: 'x' });
    await ask('POST', '/declarations', {
      type: 'diagnose',
      who: 'r',
      origin: 'job.batch/batch/x',
      mechanism: 'load',
    });
    await ask('POST', '/actions', { actions: [{}] });
    nothing();
  });

  it('reads nothing of it in the shell: environment, processes, folders, commands', async () => {
    const commands = [
      'env; pwd',
      // The newest game comes first; those before it have had their debrief.
      'misfortune games | sed -n 2p',
      'misfortune ack; misfortune resolve; misfortune diagnose --mechanism load; misfortune note hello',
      'misfortune dash; misfortune dash shop-overview; misfortune dash nowhere',
      'kubectl delete pod nobody; kubectl get nothing; kubectl -n kube-system delete lease x',
    ];
    const { stdout, stderr } = await place.join(commands.join('\n'));
    search.look('the shell', stdout + stderr);
    search.look('the environment of join', JSON.stringify(env));
    const ours = familyOf([place.sandbox().pid, place.conductorPid()]);
    expect(ours.length).toBeGreaterThan(10);
    for (const { args, pid } of ours) {
      search.look('ps', args);
      if (process.platform !== 'linux') continue;
      search.look('its folder', readlinkSync(`/proc/${pid}/cwd`));
      search.look('its name', readFileSync(`/proc/${pid}/comm`, 'utf8'));
    }
    nothing();
  });

  it('reads nothing of it in names of files', () => {
    const files = readdirSync(place.home, { recursive: true, encoding: 'utf8' });
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      // The game's folder says "scenario.yaml" whatever is played.
      search.look('a file', file.replace(/games\/[\d-]+\/scenario\.yaml$/, ''));
    }
    nothing();
  });

  it('was looked at everywhere', () => {
    console.log(`${scenario}: ${search.texts} texts, ${search.characters} characters searched`);
    expect(search.texts).toBeGreaterThan(80);
    expect(game.events.some(isPhase('ended'))).toBe(false);
  });

  async function openJoin() {
    const child = spawn(process.execPath, [launcher, 'join', '--yes', '--print-env'], {
      env: place.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const env: Record<string, string> = {};
    for await (const line of createInterface({ input: child.stdout })) {
      const [, name, value] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) env[name] = value;
      if (name === 'MISFORTUNE_WHO') break;
    }
    const over = new Promise((resolve) => child.once('exit', resolve));
    const stop = async () => {
      child.kill('SIGINT');
      await over;
    };
    return { env, stop };
  }

  function askConductor(method: string, path: string, body?: unknown): Promise<string> {
    const { socket, tokens } = currentGame(place.home)!.address;
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${tokens.responder}`, 'content-type': 'application/json' };
      const outgoing = request({ socketPath: socket, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
});

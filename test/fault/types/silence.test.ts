import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAlertmanagerConfig } from '../../../src/alerting/config.ts';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { silence } from '../../../src/fault/types/silence/silence.ts';
import { packageRoot } from '../../../src/paths.ts';
import { Alertmanager } from '../../../src/sandbox/monitor/alertmanager/alertmanager.ts';
import { alertmanagerError, alertmanagerRoutes } from '../../../src/sandbox/monitor/http/alertmanager.ts';
import { serve } from '../../../src/sandbox/monitor/http/server.ts';
import { realClock } from '../../sandbox/apiserver/test-server.ts';
import { bench } from '../bench.ts';
import { OutsideWorld } from '../outside-world.ts';

const world = new OutsideWorld();
const at = bench(world);

async function jobsOf(more: object = {}) {
  const { operations, deadlines } = await at.plan({ silence: { ...silence.example, ...more } });
  const [operation] = operations;
  if (operations.length !== 1 || operation?.verb !== 'run') throw new Error('Expected one operation `run`.');
  return { do: operation.do, undo: operation.undo, check: operation.check, deadlines };
}

const container = (job: ClusterObject) =>
  (job.spec as { template: { spec: { containers: { command: string[]; env: Variable[] }[] } } }).template.spec
    .containers[0]!;
interface Variable {
  name: string;
  value: string;
}
const envOf = (job: ClusterObject) =>
  Object.fromEntries(container(job).env.map(({ name, value }) => [name, value]));

describe('a silence', () => {
  it('is made by a Job, expired by another, and leaves neither', async () => {
    await at.break({ silence: silence.example });
    expect(world.state).toBe('injected');
    await at.mend();
    expect(world.state).toBe('original');
  });

  it('is asked of the Service that is named, and ends two minutes after the game', async () => {
    const jobs = await jobsOf({ port: 80, path: '/alerts' });
    for (const part of ['do', 'undo', 'check'] as const) {
      expect(container(jobs[part]).command).toEqual(['node', '-e', '// silence.cjs\n', part]);
      expect(envOf(jobs[part])).toMatchObject({
        ALERTMANAGER: 'http://alertmanager.shop:80/alerts',
        SECONDS: '720',
      });
    }
    expect(jobs.deadlines).toEqual([{ operation: 'example-1', seconds: 720 }]);
  });

  it.each([
    ['no matcher', { matchers: ['owner'] }, 'matchers.0'],
    ['a regular expression that is none', { matchers: ['a="b"', 'owner=~"("'] }, 'matchers.1'],
    ['no matchers', { matchers: [] }, 'matchers'],
    ['all alerts', { matchers: ['alertname=~".+"', 'owner!="nobody"', 'team=""'] }, 'matchers'],
    ['no comment', { comment: '' }, 'comment'],
    ['no Service', { alertmanager: 'deployment/shop/alertmanager' }, 'alertmanager'],
    ['a path that leads elsewhere', { path: '/x?y' }, 'path'],
  ])('is refused for %s', (_, more, path) => {
    const { error } = silence.schema.safeParse({ ...silence.example, ...more });
    expect([...new Set(error?.issues.map((issue) => issue.path.join('.')))]).toContain(path);
  });

  it.each([
    ['another namespace', { alertmanager: 'service/kube-system/alertmanager' }, 'namespace-not-allowed'],
    ['a Service that is not there', { alertmanager: 'service/shop/alarms' }, 'unknown-object'],
    ['a comment that tells what it is for', { comment: 'part of the game day' }, 'telling-name'],
    ['a telling name', { disguise: { name: 'chaos', namespace: 'batch' } }, 'telling-name'],
  ])('is refused for %s', async (_, more, code) => {
    await expect(jobsOf(more)).rejects.toMatchObject({ code });
  });
});

describe('the program of its Jobs, with the Alertmanager of the sandbox', () => {
  let text: string;
  let server: Awaited<ReturnType<typeof serve>>;
  const stop = new AbortController();
  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [`${packageRoot}/src/fault/types/silence/program.ts`],
      ...{ bundle: true, write: false, platform: 'node', format: 'cjs', target: 'node20', minify: true },
    });
    text = outputFiles[0]!.text;
    const config = readAlertmanagerConfig('route: { receiver: a }\nreceivers: [{ name: a }]\n');
    const alertmanager = new Alertmanager(config, { clock: realClock, signal: stop.signal });
    const options = { startedAt: Date.now(), configuration: () => '' };
    server = await serve(alertmanagerRoutes(alertmanager, options), alertmanagerError);
    await post('alerts', [{ labels: { alertname: 'CheckoutLatencyHigh', owner: 'checkout' } }]);
  });
  afterAll(async () => {
    stop.abort();
    await server.close();
  });

  const api = (path: string) => `${server.url}/api/v2/${path}`;
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(api(path), { method: 'POST', headers, body: JSON.stringify(body) });
    expect(status).toBe(200);
  };
  const silences = async () =>
    (
      (await (await fetch(api('silences'))).json()) as {
        comment: string;
        startsAt: string;
        endsAt: string;
        status: { state: string };
      }[]
    ).map(({ comment, status: { state }, startsAt, endsAt }) => ({
      ...{ comment, state, seconds: Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 1000) },
    }));
  const silencedAlerts = async () =>
    ((await (await fetch(api('alerts'))).json()) as { status: { silencedBy: string[] } }[]).map(
      ({ status }) => status.silencedBy.length,
    );
  /** A Job's command as a process, with the Job's own environment. */
  const run = async (part: 'do' | 'undo' | 'check', url = server.url) => {
    const job = (await jobsOf())[part];
    const env = { ...envOf(job), ALERTMANAGER: url };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', text, part], { env });
    return stdout.trim();
  };

  it('makes it once, expires it, and can do both again; another silence stays as it is', async () => {
    const now = Date.now();
    await post('silences', {
      matchers: [{ name: 'owner', value: 'edge', isRegex: false, isEqual: true }],
      ...{ startsAt: new Date(now).toISOString(), endsAt: new Date(now + 3_600_000).toISOString() },
      ...{ createdBy: silence.example.createdBy, comment: 'somebody else’s' },
    });
    const others = { comment: 'somebody else’s', state: 'active', seconds: 3600 };
    const { comment } = silence.example;
    expect(await run('check')).toBe('original');
    await run('undo');
    await run('do');
    await run('do');
    expect(await run('check')).toBe('injected');
    expect(await silencedAlerts()).toEqual([1]);
    expect(await silences()).toEqual([others, { comment, state: 'active', seconds: 720 }]);
    await run('undo');
    await run('undo');
    expect(await run('check')).toBe('original');
    expect(await silencedAlerts()).toEqual([0]);
    expect((await silences()).map(({ comment, state }) => [comment, state])).toEqual([
      [others.comment, 'active'],
      [comment, 'expired'],
    ]);
    await run('do');
    expect(await run('check')).toBe('injected');
    await run('undo');
  });

  it('says why it could not, and not what it is for', async () => {
    const failed = await run('check', 'http://127.0.0.1:2').catch((error) => error as { stderr: string });
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
    expect(text).not.toMatch(/misfortune|chaos|game|fault/i);
  });
});

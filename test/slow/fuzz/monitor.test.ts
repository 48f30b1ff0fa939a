import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAlertmanagerConfig } from '../../../src/alerting/config.ts';
import { Alertmanager } from '../../../src/sandbox/monitor/alertmanager/alertmanager.ts';
import { alertmanagerError, alertmanagerRoutes } from '../../../src/sandbox/monitor/http/alertmanager.ts';
import { grafanaError, grafanaRoutes } from '../../../src/sandbox/monitor/http/grafana.ts';
import { prometheusError, prometheusRoutes } from '../../../src/sandbox/monitor/http/prometheus.ts';
import { serve } from '../../../src/sandbox/monitor/http/server.ts';
import { BASE, corpusStorage } from '../../promql/corpus.ts';
import { oddRequest, type Sent } from './monitor-requests.ts';

/** How many requests; MISFORTUNE_FUZZ says otherwise. */
const count = Number(process.env.MISFORTUNE_FUZZ ?? 5000);
/** A request may take this long, and nothing may keep the event loop longer, ms. */
const slowest = 2000;
const atOnce = 8;

describe('the APIs of the monitor', () => {
  let folder: string;
  const servers: Awaited<ReturnType<typeof serve>>[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fuzz-monitor-'));
    writeFileSync(join(folder, 'one.json'), JSON.stringify({ uid: 'one', title: 'One', panels: [] }));
    const storage = corpusStorage();
    const clock = { now: () => BASE + 1_900_000, setTimeout: () => () => {}, setInterval: () => () => {} };
    const alertmanager = new Alertmanager(
      readAlertmanagerConfig('route: { receiver: a }\nreceivers: [{ name: a }]\n'),
      { clock, signal: new AbortController().signal },
    );
    const prometheus = await serve(
      prometheusRoutes({
        storage,
        clock,
        limits: {},
        groups: [],
        targets: () => [],
        alertmanagerUrl: () => '',
        scrapeIntervalMs: 15_000,
        startedAt: BASE,
      }),
      prometheusError,
    );
    servers.push(
      prometheus,
      await serve(
        alertmanagerRoutes(alertmanager, { startedAt: BASE, configuration: () => '' }),
        alertmanagerError,
      ),
      await serve(
        grafanaRoutes({
          dashboardsFolder: folder,
          storage,
          clock,
          limits: {},
          speed: 1,
          prometheusUrl: prometheus.url,
        }),
        grafanaError,
      ),
    );
  });

  afterAll(async () => {
    agent.destroy();
    for (const server of servers) await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const send = ({ server, method, path, headers, body }: Sent): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(servers[server]!.url);
      const sent = request({ agent, hostname, port, method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
        answer.once('error', reject);
      });
      sent.once('error', reject);
      sent.end(body);
    });

  it(`answer ${count} generated requests within two seconds each, none with a 5xx`, async () => {
    const requests = fc.sample(oddRequest, {
      numRuns: count,
      seed: Number(process.env.MISFORTUNE_SEED ?? 8),
    });
    const statuses = new Map<number, number>();
    const wrong: string[] = [];
    let longest = 0;
    const delay = monitorEventLoopDelay({ resolution: 20 });
    delay.enable();
    const worker = async () => {
      for (let next = requests.pop(); next; next = requests.pop()) {
        const began = performance.now();
        const { status, text } = await send(next);
        const took = performance.now() - began;
        longest = Math.max(longest, took);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // A query that ran into its own time limit is answered so by the real one as well.
        const isOutOfTime =
          status === 503 && (next.method === 'HEAD' || text.includes('"errorType":"timeout"'));
        if ((status >= 500 && !isOutOfTime) || took > slowest)
          wrong.push(
            `${status} after ${Math.round(took)} ms: ${JSON.stringify(next).slice(0, 600)}: ${text.slice(0, 300)}`,
          );
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    delay.disable();
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
    console.log(
      `${count} requests; ${counts.join(', ')}; slowest ${Math.round(longest)} ms, longest turn ${Math.round(delay.max / 1e6)} ms`,
    );
    expect(wrong).toEqual([]);
    expect(delay.max / 1e6).toBeLessThan(slowest);
    // Most are wrong, but not all: else nothing behind the parameters was tried.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(count / 20);
  });
});

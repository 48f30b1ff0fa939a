import { readFileSync } from 'node:fs';
import type { Api, Kubelet, Network, SandboxClock } from '../api.ts';
import { prometheusError, prometheusRoutes } from './http/prometheus.ts';
import { serve } from './http/server.ts';
import { readRuleFile } from './rules/file.ts';
import { RuleGroup } from './rules/group.ts';
import { atSpeed } from './rules/speed.ts';
import { discoverTargets } from './scrape/discovery.ts';
import { Storage } from './tsdb/storage.ts';

export interface MonitorOptions {
  readonly api: Api;
  readonly network: Network;
  readonly kubelet: Kubelet;
  readonly clock: SandboxClock;
  readonly signal: AbortSignal;
  /** Paths of Prometheus rule files. */
  readonly ruleFiles: readonly string[];
  /** Folder of Grafana dashboards as JSON files. */
  readonly dashboardsFolder: string;
  /** Path of an alertmanager.yml. */
  readonly alertmanagerConfig: string;
  /** Durations of rules, routes and scrapes are divided by this; 1 is real time. */
  readonly speed: number;
  /** Seconds at speed 1; 5 if left out. */
  readonly scrapeIntervalSeconds?: number;
}

export interface Monitor {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  readonly grafanaUrl: string;
  /** Stops scraping, evaluating and serving. */
  close(): Promise<void>;
}

/** How much history is kept, ms at speed 1. */
const RETENTION_MS = 2 * 3_600_000;

/** Starts scraping, rules and the three servers, each on a free port of 127.0.0.1. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { clock, speed } = options;
  const scrapeIntervalMs = ((options.scrapeIntervalSeconds ?? 5) * 1000) / speed;
  const storage = new Storage();
  const limits = { now: () => clock.now() };
  const cleanup: (() => void | Promise<void>)[] = [];
  const groups = options.ruleFiles
    .flatMap((file) => readRuleFile(readFileSync(file, 'utf8'), file, { defaultIntervalMs: 15_000 }))
    .map((group) => new RuleGroup(atSpeed(group, speed), { storage, clock, limits, onAlerts: () => {} }));
  const discovery = discoverTargets({ ...options, storage, intervalMs: scrapeIntervalMs });
  cleanup.push(() => discovery.stop());
  for (const group of groups) cleanup.push(group.start());
  cleanup.push(
    clock.setInterval(() => storage.forgetBefore(clock.now() - RETENTION_MS / speed), 60_000 / speed),
  );
  const prometheus = await serve(
    prometheusRoutes({
      storage,
      clock,
      limits,
      groups,
      targets: () => discovery.targets(),
      alertmanagerUrl: () => '',
      scrapeIntervalMs,
      startedAt: clock.now(),
    }),
    prometheusError,
  );
  cleanup.push(() => prometheus.close());
  const close = async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
  };
  options.signal.addEventListener('abort', () => void close(), { once: true });
  return { prometheusUrl: prometheus.url, alertmanagerUrl: '', grafanaUrl: '', close };
}

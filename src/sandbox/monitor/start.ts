import { readFileSync } from 'node:fs';
import { readAlertmanagerConfig } from '../../alerting/config.ts';
import { readRuleFile } from '../../rules/file.ts';
import { RuleGroup } from '../../rules/group.ts';
import type { RuleGroupDefinition } from '../../rules/rule.ts';
import { atSpeed } from '../../rules/speed.ts';
import type { Api, Kubelet, Network, SandboxClock } from '../api.ts';
import { createEventRecorder } from '../controllers/event-recorder.ts';
import { Alertmanager } from './alertmanager/alertmanager.ts';
import { Configuration } from './alertmanager/configuration.ts';
import { alertmanagerError, alertmanagerRoutes } from './http/alertmanager.ts';
import { grafanaError, grafanaRoutes } from './http/grafana.ts';
import { prometheusError, prometheusRoutes } from './http/prometheus.ts';
import { serve } from './http/server.ts';
import { evaluateEachInterval, onStorage } from './rules/run.ts';
import { toAlertmanager } from './rules/send.ts';
import { cadvisor } from './scrape/cadvisor.ts';
import { collectFrom } from './scrape/collector.ts';
import { discoverTargets } from './scrape/discovery.ts';
import { kubeStateMetrics } from './scrape/kube-state-metrics.ts';
import type { ScrapeStatus } from './scrape/scraper.ts';
import { Storage } from './tsdb/storage.ts';
import { pace } from './turns.ts';

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
  /** Which of its files are about what is not there. */
  readonly isLeftOut?: (file: string) => boolean;
  /** Path of an alertmanager.yml; what the ConfigMap monitoring/alertmanager comes to say later takes its place. */
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

/** How much history is kept, ms at speed 1: a game of 40 min and what was before it. A game keeps its own series for longer. */
const RETENTION_MS = 3_600_000;

/** Starts scraping, rules, notifications and the three servers, each on a free port of 127.0.0.1. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { api, clock, speed } = options;
  const cleanup: (() => void | Promise<void>)[] = [];
  const close = async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
  };
  try {
    // Whole milliseconds, as time-outs must be: 5 s at speed 3 are none.
    const intervalMs = Math.round(((options.scrapeIntervalSeconds ?? 5) * 1000) / speed);
    const storage = new Storage();
    const limits = { defaultStepMs: Math.max(1, Math.round(60_000 / speed)), pace: pace() };
    const startedAt = clock.now();

    const file = options.alertmanagerConfig;
    const text = readFileSync(file, 'utf8');
    const alertmanager = new Alertmanager(readAlertmanagerConfig(text, { file, speed }), options);
    cleanup.push(() => alertmanager.stop());
    const events = createEventRecorder(api, clock);
    const configuration = new Configuration(text, options, {
      use: (changed) =>
        alertmanager.reload(readAlertmanagerConfig(changed, { file: 'alertmanager.yaml', speed })),
      onRefused: (about, reason) =>
        events.record(
          'alertmanager',
          about,
          'Warning',
          'ReloadFailed',
          `Loading configuration failed: ${reason}`,
        ),
    });
    cleanup.push(() => configuration.close());
    const alertmanagerServer = await serve(
      alertmanagerRoutes(alertmanager, { startedAt, configuration: () => configuration.text }),
      alertmanagerError,
    );
    cleanup.push(() => alertmanagerServer.close());
    alertmanager.externalURL = alertmanagerServer.url;

    const groups = readRuleFiles(options.ruleFiles, speed).map(
      (definition) =>
        new RuleGroup(definition, {
          ...onStorage(storage, limits),
          externalUrl: () => prometheus.url,
          onAlerts: (firing, resolved, time) =>
            alertmanager.receive(
              toAlertmanager(firing, resolved, time, { group: definition, url: prometheus.url, speed }),
            ),
        }),
    );
    const targets: (() => readonly ScrapeStatus[])[] = [];
    const prometheus = await serve(
      prometheusRoutes({
        storage,
        clock,
        limits,
        groups,
        targets: () => targets.flatMap((list) => list()),
        alertmanagerUrl: () => alertmanagerServer.url,
        scrapeIntervalMs: intervalMs,
        startedAt,
      }),
      prometheusError,
    );
    cleanup.push(() => prometheus.close());

    const collecting = { storage, clock, intervalMs };
    const discovery = discoverTargets({ ...options, ...collecting });
    targets.push(() => discovery.targets());
    cleanup.push(() => discovery.stop());
    cleanup.push(collectFrom(() => kubeStateMetrics(api), { job: 'kube-state-metrics' }, collecting));
    cleanup.push(collectFrom(cadvisor(api, options.kubelet), { job: 'cadvisor' }, collecting));
    cleanup.push(
      collectFrom(
        () => [...alertmanager.metrics(), ...configuration.metrics()],
        { job: 'alertmanager' },
        collecting,
      ),
    );
    for (const group of groups) cleanup.push(evaluateEachInterval(group, clock));
    cleanup.push(
      clock.setInterval(() => storage.forgetBefore(clock.now() - RETENTION_MS / speed), 60_000 / speed),
    );

    const grafana = await serve(
      grafanaRoutes({ ...options, storage, limits, prometheusUrl: prometheus.url }),
      grafanaError,
    );
    cleanup.push(() => grafana.close());
    options.signal.addEventListener('abort', () => void close(), { once: true });
    return {
      prometheusUrl: prometheus.url,
      alertmanagerUrl: alertmanagerServer.url,
      grafanaUrl: grafana.url,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Prometheus' default interval of a rule group, ms. */
const EVALUATION_INTERVAL_MS = 15_000;

function readRuleFiles(files: readonly string[], speed: number): RuleGroupDefinition[] {
  return files
    .flatMap((file) =>
      readRuleFile(readFileSync(file, 'utf8'), file, { defaultIntervalMs: EVALUATION_INTERVAL_MS }),
    )
    .map((group) => atSpeed(group, speed));
}

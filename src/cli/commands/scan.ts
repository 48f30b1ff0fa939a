import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { realClock } from '../../clock.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { connect } from '../../cluster/connection/connect.ts';
import { chooseCluster } from '../../config/choose.ts';
import { loadConfig } from '../../config/load.ts';
import { describeError, exitCodes, MisfortuneError } from '../../errors.ts';
import { loadLibrary } from '../../game/library/library.ts';
import { type Cover, type Coverage, type Scan, scanCoverage } from '../../scan/coverage.ts';
import { type DraftedAlert, draftAlert } from '../../scan/draft-alert.ts';
import { alertFor, type Draft, draftConfig, draftScenario, playbookName } from '../../scan/drafts.ts';
import { listServices } from '../../scan/services.ts';
import { connectMonitoring } from '../../signal/monitoring.ts';
import { readAllAlerts } from '../../signal/rules/all.ts';
import type { AlertRule, Monitoring } from '../../signal/series.ts';
import { clean } from '../../words/clean.ts';
import { wrap } from '../../words/width.ts';
import { interruptSignal, print } from '../output.ts';

export interface ScanOptions {
  cluster?: string;
  config?: string;
  context?: string;
  kubeconfig?: string;
  namespace?: string[];
  prometheus?: string;
  alertmanager?: string;
  grafana?: string;
  service?: string;
  path?: string;
  write?: string;
  json?: boolean;
}

interface ToScan {
  cluster: Cluster;
  monitoring: Monitoring;
  namespaces: readonly string[];
  /** Undefined: there is a misfortune.yaml already. */
  config?: Draft;
}

/**
 * Lists the services of some namespaces with the alerts and panels that cover them, and writes first documents for one of
 * them: misfortune.yaml, a scenario, a playbook. Only reads the cluster; overwrites no file.
 * Where no alert covers a service, one is drafted on what its pods measure.
 * @throws MisfortuneError of use, connection and monitoring; `no-alert`: none covers it, and nothing measures it
 */
export async function scan(options: ScanOptions): Promise<void> {
  const interrupt = interruptSignal();
  const place = await placeToScan(options, interrupt.signal);
  try {
    const services = await listServices(place.cluster, place.namespaces, interrupt.signal);
    const now = Math.floor(realClock.now() / 1000);
    const found = await scanCoverage(services, place.monitoring, now, interrupt.signal);
    print(asData(found), options, () => lines(found, place.namespaces));
    if (options.write !== undefined) await writeDrafts(options.write, found, place, options);
    else if (!options.json)
      process.stdout.write(
        '\nWith --write DIR: a first misfortune.yaml, scenario and playbook (--service NAMESPACE/NAME).\n',
      );
  } finally {
    place.cluster.close();
    interrupt.release();
  }
}

async function placeToScan(options: ScanOptions, signal: AbortSignal): Promise<ToScan> {
  if (options.cluster !== undefined) {
    const config = chooseCluster(await loadConfig({ file: options.config }), options.cluster);
    const { kubeconfig, context, namespaces } = config;
    const cluster = await connect({ kubeconfig, context, signal });
    return { cluster, monitoring: connectMonitoring(config, cluster), namespaces };
  }
  const { context, kubeconfig, namespace = [], prometheus, alertmanager, grafana } = options;
  if (context === undefined || namespace.length === 0 || prometheus === undefined)
    throw new MisfortuneError(
      'what-to-scan',
      'Expected --context, --namespace and --prometheus, or --cluster NAME of a misfortune.yaml.',
      {
        todo: 'For example: misfortune scan --context staging-eks --namespace shop --prometheus monitoring/prometheus-operated:9090',
        exitCode: exitCodes.usage,
      },
    );
  const cluster = await connect({ kubeconfig, context, signal });
  const endpoints = {
    prometheus: endpointOf(prometheus),
    ...(alertmanager !== undefined && { alertmanager: endpointOf(alertmanager) }),
    ...(grafana !== undefined && { grafana: endpointOf(grafana) }),
  };
  const name =
    context
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'staging';
  return {
    cluster,
    monitoring: connectMonitoring(endpoints, cluster),
    namespaces: namespace,
    config: draftConfig({ cluster: name, context, kubeconfig, namespaces: namespace, endpoints }),
  };
}

/** `http://…`, or `namespace/name:port` of a service that is reached through the API server. */
function endpointOf(text: string): { url: string } | { service: string } {
  return /^https?:\/\//.test(text) ? { url: text } : { service: text };
}

async function writeDrafts(folder: string, found: Scan, place: ToScan, options: ScanOptions): Promise<void> {
  const firing = new Set((await readAllAlerts(place.monitoring)).map(({ name }) => name));
  const { coverage, alert, drafted } = await choose(
    found.services,
    firing,
    options.service,
    place.monitoring,
  );
  const drafts = [
    ...(place.config ? [place.config] : []),
    ...(drafted ? [drafted.draft] : []),
    ...draftScenario(coverage, alert.rule, { namespaces: place.namespaces, path: options.path }),
  ];
  const taken = drafts.map(({ file }) => join(folder, file)).filter((file) => existsSync(file));
  if (taken.length > 0)
    throw new MisfortuneError('file-exists', `There is ${taken.join(', ')} already; nothing was written.`, {
      todo: 'Name another folder with --write.',
      exitCode: exitCodes.usage,
    });
  for (const { file, text } of drafts) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const report = (line: string) => process.stderr.write(`${line}\n`);
  for (const { file } of drafts) report(`wrote ${join(folder, file)}`);
  if (drafted) {
    const elsewhere = coverage.alerts.filter(({ rule }) => rule.notPromql).map(({ name }) => name);
    report(
      elsewhere.length > 0
        ? `No alert of Prometheus covers ${coverage.service.name}, and checks cannot use what ${elsewhere.join(', ')} evaluates. An alert was drafted: ${alert.because}.`
        : `No alert covers ${coverage.service.name}: that is the first finding. An alert was drafted: ${alert.because}.`,
    );
    report(`Load ${join(folder, drafted.draft.file)} into your Prometheus first: no alert fires until then.`);
  } else report(`${alert.name} covers ${coverage.service.name}: ${alert.because}.`);
  if (!alert.likely)
    report('It is a guess that load makes this alert fire: change the fault if it does not.');
  await lint(place.config ? join(folder, 'misfortune.yaml') : options.config, report);
}

interface Chosen {
  coverage: Coverage;
  alert: { name: string; rule: AlertRule; because: string; likely: boolean };
  /** There was none: it is written with the others. */
  drafted?: DraftedAlert;
}

/** @throws MisfortuneError `no-service`, `no-alert` */
async function choose(
  services: readonly Coverage[],
  firing: ReadonlySet<string>,
  wanted: string | undefined,
  { prometheus }: Monitoring,
): Promise<Chosen> {
  const candidates = services.filter(
    ({ service }) => wanted === undefined || `${service.namespace}/${service.name}` === wanted,
  );
  if (candidates.length === 0)
    throw new MisfortuneError('no-service', `There is no service ${wanted ?? 'with pods behind it'}.`, {
      todo: 'Run `misfortune scan` without --service: it lists them.',
      exitCode: exitCodes.usage,
    });
  const rated = candidates.flatMap((coverage) => {
    const alert = alertFor(coverage, firing);
    return alert ? [{ coverage, alert }] : [];
  });
  const [best] = rated.sort(
    (a, b) => Number(b.alert.likely) - Number(a.alert.likely) || a.alert.ofServices - b.alert.ofServices,
  );
  if (best) return best;
  for (const coverage of candidates) {
    const { service } = coverage;
    const drafted = await draftAlert(service, playbookName(service.name), prometheus);
    if (!drafted) continue;
    const { rule, because } = drafted;
    return { coverage, drafted, alert: { name: rule.name, rule, because, likely: true } };
  }
  throw new MisfortuneError(
    'no-alert',
    `No alert covers ${wanted ?? 'any of these services'}, and there are no metrics of its latency or CPU: a failure would go unnoticed.`,
    {
      todo: 'That is the first finding: let Prometheus scrape it (or its containers), or write an alerting rule.',
      exitCode: exitCodes.failed,
    },
  );
}

async function lint(config: string | undefined, report: (line: string) => void): Promise<void> {
  const { problems } = await loadLibrary({ config });
  for (const problem of problems) report(describeError(problem));
  if (problems.length > 0) process.exitCode = exitCodes.failed;
  else report('The documents lint. Next: label the namespaces, `misfortune doctor`, `misfortune validate`.');
}

function asData({ services, skipped }: Scan) {
  return {
    services: services.map(({ service, alerts, recordings, panels }) => ({
      ...service,
      alerts: alerts.map(({ rule: _, ...cover }) => cover),
      recordings: recordings.map(({ rule: _, ...cover }) => cover),
      panels,
    })),
    skipped,
  };
}

function lines({ services, skipped }: Scan, namespaces: readonly string[]): string[] {
  if (services.length === 0) return [`No service with pods behind it in ${namespaces.join(', ')}.`];
  // What is of every service tells nothing about one; of a single service everything is its own.
  const isShared = ({ ofServices }: Cover) => services.length > 1 && ofServices === services.length;
  const named = (what: string, covers: readonly Cover[]): string[] => {
    const own = covers.filter((cover) => !isShared(cover)).map(({ name }) => name);
    const shared = covers.length - own.length;
    const words = [...own, ...(shared > 0 ? [`${shared} that all services share`] : [])];
    return wrap(`${what}  ${words.join(', ') || 'none'}`, 100).map(
      (line, at) => `  ${at > 0 ? '        ' : ''}${line}`,
    );
  };
  return [
    ...services.flatMap(({ service, alerts, panels }) => [
      `${service.namespace}/${service.name}  ${service.workload ?? ''}`.trimEnd(),
      ...named('alerts', alerts),
      ...named('panels', panels),
    ]),
    ...skipped.map((text) => `not scanned: ${text}`),
  ].map(clean);
}

import { atOnce } from '../at-once.ts';
import { type PanelReading, readPanels } from '../signal/dashboard/read.ts';
import { readSources } from '../signal/dashboard/sources.ts';
import { readAllRules } from '../signal/rules/all.ts';
import { selectorsOf } from '../signal/selectors.ts';
import type { AlertRule, Monitoring, Prometheus, RecordingRule } from '../signal/series.ts';
import type { ScannedService } from './services.ts';

/** A rule or a panel whose series are of a service, and the label that says so. */
export interface Cover {
  name: string;
  because: string;
  /** Of how many of the scanned services its series are: 1 is its own. */
  ofServices: number;
}

export interface Coverage {
  service: ScannedService;
  alerts: (Cover & { rule: AlertRule })[];
  recordings: (Cover & { rule: RecordingRule })[];
  /** By `dashboard uid/panel title`. */
  panels: Cover[];
}

export interface Scan {
  services: Coverage[];
  /** What could not be looked at, or was left out. */
  skipped: string[];
}

/** Series of this time are looked at. */
const lookBackSeconds = 15 * 60;
/** So many different selectors are asked for; what is beyond is said. */
const selectorBudget = 500;

/**
 * Which alerts, recording rules and panels cover which service. Not by names that look alike: by the series that an
 * expression selects now, through recording rules down to what was scraped, and the pods and services that their labels
 * name.
 */
export async function scanCoverage(
  services: readonly ScannedService[],
  { prometheus, grafana, rulers }: Monitoring,
  now: number,
  signal?: AbortSignal,
): Promise<Scan> {
  const { alerting, recording, silent } = await readAllRules({ prometheus, rulers }, signal);
  const seer = new Seer(prometheus, recording, services, now, signal);
  const rows = services.map((service): Coverage => ({ service, alerts: [], recordings: [], panels: [] }));
  const give = (
    found: Map<ScannedService, string>,
    add: (row: Coverage, cover: Omit<Cover, 'name'>) => void,
  ) => {
    for (const row of rows) {
      const because = found.get(row.service);
      if (because !== undefined) add(row, { because, ofServices: found.size });
    }
  };
  seer.skipped.push(...silent.map(({ part, why }) => `${part}: ${(why as Error).message}`));
  for (const rule of alerting) {
    // What is not PromQL selects nothing of Prometheus': only the rule's own labels can say whose it is.
    const found = rule.notPromql ? new Map<ScannedService, string>() : await seer.servicesOf(rule.query);
    for (const [service, because] of seer.named(rule.labels)) found.set(service, `its own label ${because}`);
    give(found, (row, cover) => row.alerts.push({ name: rule.name, rule, ...cover }));
  }
  for (const rule of recording)
    give(await seer.servicesOf(rule.query), (row, cover) =>
      row.recordings.push({ name: rule.name, rule, ...cover }),
    );
  for (const { uid, panel, queries } of await panelsOfAll(
    { prometheus, grafana },
    now,
    seer.skipped,
    signal,
  )) {
    const found = new Map<ScannedService, string>();
    for (const { expr, left, prometheus: whom } of queries)
      if (!left && whom === prometheus)
        for (const [service, because] of await seer.servicesOf(expr)) found.set(service, because);
    give(found, (row, cover) => row.panels.push({ name: `${uid}/${panel.title}`, ...cover }));
  }
  return { services: rows, skipped: seer.skipped };
}

/** Dashboards that are read at once. */
const dashboardsAtOnce = 4;

/** The panels of every dashboard; one that cannot be read is skipped and said. */
async function panelsOfAll(
  { prometheus, grafana }: Monitoring,
  now: number,
  skipped: string[],
  signal: AbortSignal | undefined,
): Promise<(PanelReading & { uid: string })[]> {
  if (!grafana) return [];
  const range = { start: now - lookBackSeconds, end: now };
  const sources = await readSources({ prometheus, grafana }, signal);
  const known = await grafana.search(signal);
  const read = await atOnce(
    known,
    async ({ uid }) => {
      try {
        const dashboard = await grafana.dashboard(uid, signal);
        const asked = { prometheus, grafana, range, step: 60, sources, signal };
        const readings = await readPanels(dashboard, asked);
        for (const { panel, queries } of readings)
          for (const { left } of queries) if (left) skipped.push(`${uid}/${panel.title}: ${left.why}`);
        return readings.map((reading) => ({ uid, ...reading }));
      } catch (error) {
        signal?.throwIfAborted();
        skipped.push(`dashboard ${uid}: ${(error as Error).message}`);
        return [];
      }
    },
    dashboardsAtOnce,
  );
  return read.flat();
}

/** Asks each selector once. */
class Seer {
  readonly skipped: string[] = [];
  readonly #asked = new Map<string, Promise<Map<ScannedService, string>>>();

  constructor(
    private readonly prometheus: Prometheus,
    private readonly recording: readonly RecordingRule[],
    private readonly services: readonly ScannedService[],
    private readonly now: number,
    private readonly signal?: AbortSignal,
  ) {}

  /** The services that an expression's series are of, each with the label that names it. */
  async servicesOf(
    query: string,
    inside: ReadonlySet<string> = new Set(),
  ): Promise<Map<ScannedService, string>> {
    const found = new Map<ScannedService, string>();
    for (const selector of selectorsOf(query)) {
      const own = await this.#ask(selector);
      for (const [service, because] of own) found.set(service, because);
      // An aggregated series names nobody any more: ask what it was recorded from.
      const rule =
        own.size === 0 && this.recording.find(({ name }) => name === /^[\w:]+/.exec(selector)?.[0]);
      if (!rule || inside.has(rule.name)) continue;
      const deeper = await this.servicesOf(rule.query, new Set([...inside, rule.name]));
      for (const [service, because] of deeper) found.set(service, `${because}, through ${rule.name}`);
    }
    return found;
  }

  /** The services that labels name. */
  named(labels: Readonly<Record<string, string>>): Map<ScannedService, string> {
    const found = new Map<ScannedService, string>();
    for (const service of this.services) {
      const because = namedBy(labels, service);
      if (because !== undefined) found.set(service, because);
    }
    return found;
  }

  #ask(selector: string): Promise<Map<ScannedService, string>> {
    const before = this.#asked.get(selector);
    if (before) return before;
    const asking = this.#look(selector);
    this.#asked.set(selector, asking);
    return asking;
  }

  async #look(selector: string): Promise<Map<ScannedService, string>> {
    const found = new Map<ScannedService, string>();
    if (this.#asked.size >= selectorBudget) {
      this.skipped.push(`${selector}: more than ${selectorBudget} selectors`);
      return found;
    }
    try {
      const range = { start: this.now - lookBackSeconds, end: this.now };
      for (const labels of await this.prometheus.series([selector], range, this.signal))
        for (const [service, because] of this.named(labels)) found.set(service, because);
    } catch (error) {
      this.signal?.throwIfAborted();
      this.skipped.push(`${selector}: ${(error as Error).message}`);
    }
    return found;
  }
}

/** The label that says that a series is of a service; one of another namespace is not, whatever it is called. */
function namedBy(labels: Readonly<Record<string, string>>, service: ScannedService): string | undefined {
  const { namespace, name, pods, workload } = service;
  const where = labels.namespace ?? labels.kubernetes_namespace;
  if (where !== undefined && where !== namespace) return undefined;
  const names = new Set([
    ...[name, `${namespace}/${name}`, workload?.split('/')[2] ?? name],
    ...pods.map((pod) => pod.name),
  ]);
  const ips = pods.flatMap(({ ip }) => ip ?? []);
  for (const [label, value] of Object.entries(labels)) {
    if (label === '__name__' || label === 'alertname') continue;
    if (names.has(value) || ips.some((ip) => value === ip || value.startsWith(`${ip}:`)))
      return `${label}="${value}"`;
  }
  return undefined;
}

import type { DataSource, Grafana, Prometheus } from '../series.ts';
import { interpolate } from './interpolate.ts';
import type { Variables } from './variable.ts';

/** A data source as a target, panel or variable names it: a uid with its type, or the name of before; neither: the default. */
export interface SourceReference {
  uid?: string;
  name?: string;
  type?: string;
}

/** Whom a query is for: this Prometheus, another one that Grafana reaches, or nobody that is asked here. */
export type Addressee =
  | { prometheus: Prometheus; source?: DataSource }
  | { outcome: 'other source' | 'not asked'; why: string };

/** The data sources of a Grafana, and which of them is the Prometheus that is asked directly. */
export class Sources {
  readonly #all: readonly DataSource[] | undefined;
  readonly #prometheus: Prometheus;
  readonly #grafana: Grafana | undefined;
  /** The data source that is this Prometheus; undefined where Grafana tells of none. */
  readonly own: DataSource | undefined;

  constructor(all: readonly DataSource[] | undefined, prometheus: Prometheus, grafana?: Grafana) {
    this.#all = all;
    this.#prometheus = prometheus;
    this.#grafana = grafana;
    this.own = ownOf(this.ofType('prometheus'), prometheus.url);
  }

  /** Sources of a type, or of one that is asked in the same way, by name. */
  ofType(type: string): DataSource[] {
    const same = (all: readonly DataSource[]) =>
      all.filter((one) => one.type === type || (isPrometheus(type) && isPrometheus(one.type)));
    return same(this.#all ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** By uid or name; `default` is the default source. */
  find(word: string): DataSource | undefined {
    const all = this.#all ?? [];
    const found = all.find(({ uid }) => uid === word) ?? all.find(({ name }) => name === word);
    return found ?? (word === 'default' || word === '' ? all.find(({ isDefault }) => isDefault) : undefined);
  }

  /** Whom a reference means, variables filled in. */
  addressee(reference: SourceReference, variables: Variables): Addressee {
    const written = reference.uid || reference.name || '';
    const { text, unresolved } = interpolate(written, variables.values, {}, 'raw');
    const { type = '' } = reference;
    const isOfPrometheus = type === '' || isPrometheus(type);
    // `${DS_PROMETHEUS}`: an input of an export that nobody filled in.
    if (unresolved.length > 0 || !this.#all)
      return isOfPrometheus ? { prometheus: this.#prometheus } : otherSource(text, type);
    const isByType = text === '' && type !== '';
    const [first] = isByType ? this.ofType(type).sort(defaultFirst) : [];
    // A variable that stands for several sources: the first that is there.
    const found = first ?? this.find(text) ?? text.split(',').flatMap((word) => this.find(word) ?? [])[0];
    if (!found) {
      return isOfPrometheus && text !== ''
        ? { outcome: 'not asked', why: `Grafana has no data source "${text}"` }
        : isOfPrometheus
          ? { prometheus: this.#prometheus }
          : otherSource(text, type);
    }
    if (!isPrometheus(found.type)) return otherSource(found.name, found.type);
    if (!this.own || found.uid === this.own.uid) return { prometheus: this.#prometheus, source: found };
    if (!this.#grafana) return otherSource(found.name, found.type);
    return { prometheus: this.#grafana.prometheusOf(found), source: found };
  }
}

/** Asks Grafana for its data sources; where it does not tell, types of references decide. */
export async function readSources(
  { prometheus, grafana }: { prometheus: Prometheus; grafana?: Grafana },
  signal?: AbortSignal,
): Promise<Sources> {
  return new Sources(await grafana?.sources(signal), prometheus, grafana);
}

function otherSource(name: string, type: string): Addressee {
  const words = [name, type].filter((word) => word !== '').join(', ');
  return { outcome: 'other source', why: `of another source (${words || 'unknown'})` };
}

/** Prometheus and what is asked in the same way. */
function isPrometheus(type: string): boolean {
  return type === 'prometheus' || /^grafana-(amazon|azure)prometheus-datasource$/.test(type);
}

/** By its address, else the only one, else the default one. */
function ownOf(sources: readonly DataSource[], url: string): DataSource | undefined {
  if (sources.length < 2) return sources[0];
  return sources.find((one) => isAt(one.url, url)) ?? [...sources].sort(defaultFirst)[0];
}

/** The same host and port, or the Service behind both: `http://prometheus.monitoring:9090` and …/services/…/proxy. */
function isAt(one: string, other: string): boolean {
  const [a, b] = [placeOf(one), placeOf(other)];
  return a !== undefined && a === b;
}

function placeOf(url: string): string | undefined {
  const proxied = /\/namespaces\/([^/]+)\/services\/(?:https?:)?([^/:]+)(?::[^/]*)?\/proxy/.exec(url);
  if (proxied) return `${proxied[2]}.${proxied[1]}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol, pathname } = new URL(url);
  const [service, namespace, kind] = hostname.split('.');
  if (kind === 'svc' || (namespace !== undefined && kind === undefined)) return `${service}.${namespace}`;
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}${pathname.replace(/\/+$/, '')}`;
}

function defaultFirst(a: DataSource, b: DataSource): number {
  return Number(b.isDefault) - Number(a.isDefault);
}

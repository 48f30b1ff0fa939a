import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../clock.ts';
import { refusalOf } from '../own-host.ts';
import { metricNames } from '../promql/syntax/parsed.ts';
import { requestUrl } from '../request-url.ts';
import type { Action } from './action.ts';
import { silenceWords } from './silence.ts';
import type { Upstream } from './upstream.ts';

/** What a request to a part of the monitoring carries besides what its sender gives; never shown, never logged. */
export interface MonitorTarget {
  url: string;
  headers?: Record<string, string>;
  /** A file with a bearer token, read for each request. */
  tokenFile?: string;
}

/** The same query asked again within this time is one look at it: a page that refreshes itself. */
const sameQueryMs = 5_000;
/** An open dashboard asks for its panels again and again; only reading the dashboard itself is opening it anew. */
const sameDashboardMs = 60_000;

/** Where Grafana gives a dashboard out: by the API of before, and by that of Grafana 12, which has schema v2 as well. */
const dashboardPaths = [
  /^\/api\/dashboards\/uid\/([^/]+)/,
  /^\/apis\/dashboard\.grafana\.app\/[^/]+\/namespaces\/[^/]+\/dashboards\/([^/]+)/,
];

export interface MonitorProxyOptions {
  target: MonitorTarget;
  /** The API server, if the target is a Service that is reached through it. */
  through?: Upstream;
  kind: 'prometheus' | 'grafana' | 'alertmanager';
  who: string;
  clock: Clock;
  emit: (action: Action) => void;
  /** What was looked at lately, shared between the proxies of one responder: a dashboard is one look, whichever answers. */
  looks: Map<string, Action>;
}

/** A reverse proxy before Prometheus, Alertmanager or Grafana: which queries were asked, which dashboards opened. */
export class MonitorProxy {
  private counter = 0;

  constructor(private readonly options: MonitorProxyOptions) {}

  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const refusal = refusalOf(incoming);
    if (refusal !== undefined) {
      outgoing.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' });
      outgoing.end(`${refusal}\n`);
      return;
    }
    const body = await readBody(incoming);
    try {
      const silenced = await this.expiring(incoming);
      let response = await this.send(incoming, body);
      if (response.statusCode === 401 && this.options.through) {
        response.resume();
        response = await this.send(incoming, body);
      }
      this.note(incoming, body, response.statusCode ?? 502, silenced);
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      await pipeline(response, outgoing);
    } catch (error) {
      if (outgoing.headersSent) return void outgoing.destroy();
      outgoing.writeHead(502, { 'content-type': 'application/json' });
      outgoing.end(
        JSON.stringify({
          status: 'error',
          errorType: 'unavailable',
          error: `${this.options.kind} did not answer: ${(error as Error).message}`,
        }),
      );
    }
  }

  private async send(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const request = await this.open(incoming);
    return await new Promise((resolve, reject) => {
      request.on('response', resolve).on('error', reject);
      request.end(body);
    });
  }

  /** What a silence holds back that is about to be taken away: afterwards its id says nothing any more. */
  private async expiring(incoming: IncomingMessage): Promise<string | undefined> {
    const { method, url = '/' } = incoming;
    if (method !== 'DELETE' || !/\/api\/v2\/silence\/[^/?]+/.test(url)) return undefined;
    try {
      const { headers } = incoming;
      const { 'content-length': _, 'content-type': __, ...others } = headers;
      const asked = { url, method: 'GET', headers: others } as IncomingMessage;
      const response = await this.send(asked, Buffer.alloc(0));
      return silenceWords((await readBody(response)).toString('utf8'));
    } catch {
      return undefined;
    }
  }

  private async open({ headers: received, url = '/', method = 'GET' }: IncomingMessage) {
    const { through, target } = this.options;
    const base = new URL(target.url);
    const { host: _, connection: __, 'accept-encoding': ___, ...headers } = received;
    // A page of this proxy's own: for the server behind it, one of that server's.
    if (headers.origin !== undefined) headers.origin = base.origin;
    if (through) {
      // There it would be taken for a token of Kubernetes.
      const { authorization: ____, ...others } = headers;
      return await through.requestUrl(method, `${target.url.replace(/\/$/, '')}${url}`, {
        ...target.headers,
        ...others,
      });
    }
    return (base.protocol === 'https:' ? https : http).request({
      hostname: base.hostname,
      port: base.port || (base.protocol === 'https:' ? 443 : 80),
      path: base.pathname.replace(/\/$/, '') + url,
      method,
      // Who brings an identity of their own (`curl -H`) is served as that.
      headers: { ...target.headers, ...(await this.token()), ...headers, host: base.host },
    });
  }

  private async token(): Promise<http.OutgoingHttpHeaders> {
    const { kind, target } = this.options;
    if (target.tokenFile === undefined) return {};
    try {
      return { authorization: `Bearer ${(await readFile(target.tokenFile, 'utf8')).trim()}` };
    } catch {
      throw new Error(`the token file ${target.tokenFile} of ${kind} cannot be read`);
    }
  }

  private note(incoming: IncomingMessage, body: Buffer, status: number, silenced?: string): void {
    if (status >= 400) return;
    const url = requestUrl(incoming.url ?? '/');
    const form = String(incoming.headers['content-type'] ?? '').includes('x-www-form-urlencoded')
      ? new URLSearchParams(body.toString('utf8'))
      : undefined;
    const opened = dashboardPaths.map((path) => path.exec(url.pathname)?.[1]).find(Boolean);
    const uid =
      first(incoming.headers['x-dashboard-uid']) ?? opened ?? /^\/d\/([^/]+)/.exec(url.pathname)?.[1];
    if (uid) {
      const panel = first(incoming.headers['x-panel-title']);
      const surface = String(incoming.headers['user-agent'] ?? '').startsWith('misfortune')
        ? 'dash'
        : 'grafana';
      this.look(`dashboard ${uid} ${panel ?? ''}`, opened ? 0 : sameDashboardMs, {
        surface,
        title: `open dashboard ${uid}${panel ? `, panel ${panel}` : ''}`,
        dashboard: { uid, ...(panel ? { panel } : {}) },
      });
      return;
    }
    const query = url.searchParams.get('query') ?? form?.get('query');
    const asked = query
      ? [{ query, source: /\/loki\/api\//.test(url.pathname) ? 'loki' : 'prometheus' }]
      : dataSourceQueries(incoming, body);
    if (asked.length > 0 && /\/(query|query_range|ds\/query)$/.test(url.pathname)) {
      for (const one of asked) this.lookByQuery(one);
      return;
    }
    // Grafana hands on what is asked of an Alertmanager.
    const isAlertmanager =
      this.options.kind === 'alertmanager' || /^\/api\/alertmanager\//.test(url.pathname);
    if (isAlertmanager && !['GET', 'HEAD', 'OPTIONS'].includes(incoming.method ?? 'GET')) {
      this.look(`${incoming.method} ${url.pathname}`, 0, {
        surface: 'alertmanager',
        title: alertmanagerTitle(incoming.method ?? '', url.pathname, body, silenced),
        effect: 'mutate',
      });
    } else if (/\/alerts(\/groups)?$/.test(url.pathname)) {
      this.look('alerts', sameDashboardMs, {
        surface: this.options.kind === 'alertmanager' ? 'alertmanager' : 'prometheus',
        title: 'look at the alerts',
      });
    }
  }

  private lookByQuery({ query, source }: DataSourceQuery): void {
    // What is asked of logs or traces is no PromQL, though Grafana takes it the same way.
    if (!speakPromql.test(source)) {
      const title = `query ${source} ${query}`;
      return this.look(title, sameQueryMs, { surface: 'grafana', title: title.slice(0, 200) });
    }
    this.look(`query ${query}`, sameQueryMs, {
      surface: 'prometheus',
      title: `query ${query}`.slice(0, 200),
      promql: { query, metrics: metricNames(query) },
    });
  }

  private look(key: string, sameMs: number, what: Pick<Action, 'surface' | 'title'> & Partial<Action>): void {
    const now = this.options.clock.now();
    const before = this.options.looks.get(key);
    if (before && now - before.until < sameMs) {
      before.until = now;
      return;
    }
    this.counter += 1;
    const action: Action = {
      id: `${this.options.who}-${this.options.kind}-${now.toString(36)}-${this.counter}`,
      at: now,
      until: now,
      who: this.options.who,
      effect: 'read',
      requests: [],
      ...what,
    };
    this.options.looks.set(key, action);
    this.options.emit(structuredClone(action));
  }
}

function alertmanagerTitle(method: string, path: string, body: Buffer, silenced: string | undefined): string {
  const made =
    method === 'POST' && path.endsWith('/silences') ? silenceWords(body.toString('utf8')) : undefined;
  if (made !== undefined) return `silence ${made}`.slice(0, 240);
  if (silenced !== undefined) return `expire the silence of ${silenced}`.slice(0, 240);
  return `${method} ${path}`;
}

/** A query and the type of data source that it was for, as Grafana names it: `prometheus`, `loki`, `tempo` … */
interface DataSourceQuery {
  query: string;
  source: string;
}

/** Plug-ins of Prometheus, of clouds that offer it, and of VictoriaMetrics. */
const speakPromql = /prometheus|victoriametrics-metrics/;

/** Server-side expressions of Grafana: they compute with what other queries gave. */
const expressions = '__expr__';

/** The queries in a request of Grafana's Explore: POST /api/ds/query. Where no type is given they are taken for PromQL. */
function dataSourceQueries(incoming: IncomingMessage, body: Buffer): DataSourceQuery[] {
  if (!String(incoming.headers['content-type'] ?? '').includes('json')) return [];
  let queries: unknown;
  try {
    queries = (JSON.parse(body.toString('utf8')) as { queries?: unknown } | null)?.queries;
  } catch {
    return [];
  }
  if (!Array.isArray(queries)) return [];
  return queries.flatMap(
    (one: { expr?: unknown; query?: unknown; datasource?: { type?: unknown } } | null) => {
      const { type } = one?.datasource ?? {};
      const source = typeof type === 'string' ? type : 'prometheus';
      const query = one?.expr ?? one?.query;
      return typeof query === 'string' && query !== '' && source !== expressions ? [{ query, source }] : [];
    },
  );
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

import { atOnce } from '../at-once.ts';
import { MisfortuneError } from '../errors.ts';
import { minStepOf } from './dashboard/intervals.ts';
import { type Json, list, number, record, text } from './dashboard/json-value.ts';
import { classicModel } from './dashboard/schema-v2.ts';
import { Endpoint, type EndpointOptions } from './http.ts';
import { jsonOf, parseJson } from './json-answer.ts';
import { connectPrometheus } from './prometheus.ts';
import type { Dashboard, DashboardSummary, DataSource, Grafana } from './series.ts';

/** A page of Grafana's search; its own limit is 5000. */
const pageSize = 1000;

/** Library panels of one dashboard that are fetched at once. */
const libraryAtOnce = 4;

/** A Grafana by its HTTP API. Errors: `grafana-unavailable`, `grafana-error`. */
export function connectGrafana(options: EndpointOptions): Grafana {
  const endpoint = new Endpoint('grafana', options);
  const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
    jsonOf<T>(endpoint, await endpoint.get(path, [], signal));
  /** Undefined where it is refused, is not there, or nobody answers. */
  const tryGet = async (path: string, signal?: AbortSignal): Promise<unknown> => {
    try {
      return await get(path, signal);
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  };
  return {
    url: endpoint.url,
    search: async (signal) => {
      const found: DashboardSummary[] = [];
      for (let page = 1; ; page++) {
        const parameters: [string, string][] = [
          ['type', 'dash-db'],
          ['limit', String(pageSize)],
          ['page', String(page)],
        ];
        const answer = await endpoint.get('/api/search', parameters, signal);
        const items = jsonOf<{ uid: string; title: string; tags?: string[] }[]>(endpoint, answer);
        found.push(...items.map(({ uid, title, tags }) => ({ uid, title, tags: tags ?? [] })));
        if (items.length < pageSize) return found;
      }
    },
    dashboard: async (uid, signal) => {
      const model = classicModel(await readModel(endpoint, uid, signal));
      const whole = await withLibrary(model, (library) =>
        get(`/api/library-elements/${encodeURIComponent(library)}`, signal),
      );
      signal?.throwIfAborted();
      return { uid, title: text(model.title) || uid, model: whole } satisfies Dashboard;
    },
    sources: async (signal) => {
      const listed = await tryGet('/api/datasources', signal);
      if (Array.isArray(listed)) return list(listed).map((raw) => sourceOf(raw));
      // Who may not list them is told those that panels may ask.
      const settings = record(await tryGet('/api/frontend/settings', signal));
      if (typeof settings.datasources !== 'object') return undefined;
      const { defaultDatasource } = settings;
      return Object.entries(record(settings.datasources)).map(([name, raw]) =>
        sourceOf({ name, ...record(raw), isDefault: name === defaultDatasource }),
      );
    },
    prometheusOf: ({ uid }) => {
      const path = `/api/datasources/proxy/uid/${encodeURIComponent(uid)}`;
      return connectPrometheus({ ...options, path: `${options.path ?? ''}${path}` });
    },
    viewer: async (signal) => {
      const [user, org] = [
        record(await tryGet('/api/user', signal)),
        record(await tryGet('/api/org', signal)),
      ];
      const known = Object.entries({
        ...{ __user: user.id, '__user.id': user.id, '__user.login': user.login, '__user.email': user.email },
        ...{ __org: org.id, '__org.id': org.id, '__org.name': org.name },
      });
      return Object.fromEntries(
        known.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]),
      );
    },
  };
}

function sourceOf(raw: Json): DataSource {
  const seconds = minStepOf(text(record(raw.jsonData).timeInterval));
  return {
    uid: text(raw.uid) || String(number(raw.id)),
    name: text(raw.name),
    type: text(raw.type),
    url: text(raw.url).startsWith('/') ? '' : text(raw.url),
    isDefault: raw.isDefault === true,
    ...(seconds !== undefined && { intervalSeconds: seconds }),
  };
}

/** Versions of the API that give out dashboards of schema v2, the usual one first. */
const versions = ['v2beta1', 'v2', 'v2alpha1', 'v2alpha0'];

/** By the API of before; where that does not give a dashboard out, by the one that does. */
async function readModel(endpoint: Endpoint, uid: string, signal: AbortSignal | undefined): Promise<Json> {
  const answer = await endpoint.get(`/api/dashboards/uid/${encodeURIComponent(uid)}`, [], signal);
  const { dashboard } = record(parseJson(answer.body));
  if (answer.status < 400 && typeof dashboard === 'object') return record(dashboard);
  if (answer.status < 500 && ![404, 406, 410].includes(answer.status)) jsonOf(endpoint, answer);
  if (answer.status >= 500 && answer.status !== 501) jsonOf(endpoint, answer);
  // Its message may name the address.
  const named = /\/apis\/dashboard\.grafana\.app\/(\w+)\/namespaces\/([\w.-]+)/.exec(answer.body);
  const namespace = named?.[2] ?? 'default';
  for (const version of new Set([...(named ? [named[1]!] : []), ...versions])) {
    const path = `/apis/dashboard.grafana.app/${version}/namespaces/${namespace}/dashboards/${encodeURIComponent(uid)}`;
    const other = await endpoint.get(path, [], signal);
    const resource = record(parseJson(other.body));
    if (other.status < 400 && typeof resource.spec === 'object') return { kind: 'Dashboard', ...resource };
  }
  jsonOf(endpoint, answer);
  throw new MisfortuneError('grafana-error', `Expected a dashboard, got HTTP ${answer.status} without one.`);
}

/** Puts the content of library panels in their place; one that cannot be had says why. */
async function withLibrary(model: Json, fetch: (uid: string) => Promise<unknown>): Promise<Json> {
  const known = new Map<string, Promise<Json>>();
  const read = async (uid: string): Promise<Json> => {
    try {
      const { result } = record(await fetch(uid));
      const content = record(record(result).model);
      return Object.keys(content).length > 0 ? { model: content } : { problem: 'it has no content' };
    } catch (error) {
      const why = (error as Error).message.replace(/\.$/, '');
      return /\(HTTP 404\)$/.test(why) ? {} : { problem: why };
    }
  };
  const fill = async (panel: Json): Promise<Json> => {
    const library = record(panel.libraryPanel);
    const uid = text(library.uid);
    const inner = panel.panels === undefined ? {} : { panels: await fillAll(panel.panels) };
    if (uid === '' || Object.keys(record(library.model)).length > 0) return { ...panel, ...inner };
    const found = known.get(uid) ?? read(uid);
    known.set(uid, found);
    return { ...panel, ...inner, libraryPanel: { ...library, ...(await found) } };
  };
  const fillAll = (panels: unknown) => atOnce(list(panels), fill, libraryAtOnce);
  const rows = async () => Promise.all(list(model.rows).map(fill));
  return {
    ...model,
    ...(model.panels !== undefined && { panels: await fillAll(model.panels) }),
    ...(model.rows !== undefined && { rows: await rows() }),
  };
}

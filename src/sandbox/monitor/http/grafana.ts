import { z } from 'zod';
import { PromqlError } from '../../../promql/error.ts';
import type { QueryLimits } from '../../../promql/query.ts';
import type { SandboxClock } from '../../api.ts';
import { Annotations } from '../grafana/annotations.ts';
import { readDashboards, type StoredDashboard, slug } from '../grafana/dashboards.ts';
import { queryFrames } from '../grafana/query.ts';
import { dashboardAtSpeed } from '../grafana/speed.ts';
import type { Storage } from '../tsdb/storage.ts';
import type { HttpRoute, Reply, Request } from './server.ts';

/** Uid of the only data source. */
const DATASOURCE_UID = 'prometheus';

/** The part of Grafana's HTTP API that reads dashboards and data, and writes annotations. */
export function grafanaRoutes(parts: {
  dashboardsFolder: string;
  isLeftOut?: (file: string) => boolean;
  storage: Storage;
  clock: SandboxClock;
  limits: QueryLimits;
  prometheusUrl: string;
  speed: number;
}): HttpRoute[] {
  const annotations = new Annotations();
  const datasource = {
    id: 1,
    uid: DATASOURCE_UID,
    orgId: 1,
    name: 'Prometheus',
    type: 'prometheus',
    typeName: 'Prometheus',
    access: 'proxy',
    url: parts.prometheusUrl,
    isDefault: true,
    readOnly: true,
    jsonData: { httpMethod: 'POST' },
  };
  // Read again on every request: someone may be editing them.
  const dashboards = () =>
    readDashboards(parts.dashboardsFolder, parts.isLeftOut ?? (() => false)).map((one) => ({
      ...one,
      model: dashboardAtSpeed(one.model, parts.speed),
    }));
  const get = (path: string, handle: HttpRoute['handle']): HttpRoute => ({ methods: ['GET'], path, handle });
  const ok = (body: unknown): Reply => ({ status: 200, body });
  const proxy = (request: Request) => forward(request, parts.prometheusUrl);
  return [
    get('/api/health', () => ok({ database: 'ok', version: '12.0.0', commit: '' })),
    get('/api/search', ({ params }) => ok(search(dashboards(), params))),
    get('/api/dashboards/uid/:uid', ({ match }) => {
      const found = dashboards().find(({ uid }) => uid === match.uid);
      return found ? ok(formatDashboard(found)) : { status: 404, body: { message: 'Dashboard not found' } };
    }),
    get('/api/datasources', () => ok([datasource])),
    get('/api/datasources/uid/:uid', ({ match }) =>
      match.uid === DATASOURCE_UID
        ? ok(datasource)
        : { status: 404, body: { message: 'Data source not found' } },
    ),
    { methods: ['GET', 'POST'], path: '/api/datasources/proxy/uid/:uid/*', handle: proxy },
    {
      methods: ['POST'],
      path: '/api/ds/query',
      handle: async ({ body }) => {
        const { status, results } = await queryFrames(JSON.parse(body), { ...parts, now: parts.clock.now() });
        return { status, body: { results } };
      },
    },
    get('/api/annotations', ({ params }) => ok(annotations.find(params))),
    {
      methods: ['POST'],
      path: '/api/annotations',
      handle: ({ body }) => ok(annotations.add(JSON.parse(body), parts.clock.now())),
    },
  ];
}

export function grafanaError(error: unknown): Reply {
  if (error instanceof z.ZodError) return { status: 400, body: { message: z.prettifyError(error) } };
  if (error instanceof PromqlError) return { status: 400, body: { message: error.message } };
  if (error instanceof SyntaxError) return { status: 400, body: { message: 'bad request data' } };
  return { status: 500, body: { message: error instanceof Error ? error.message : String(error) } };
}

function search(dashboards: readonly StoredDashboard[], params: URLSearchParams): unknown[] {
  if (params.has('type') && params.get('type') !== 'dash-db') return [];
  const query = (params.get('query') ?? '').toLowerCase();
  const tags = params.getAll('tag');
  const uids = params.getAll('dashboardUIDs');
  return dashboards
    .filter(({ title }) => title.toLowerCase().includes(query))
    .filter((one) => tags.every((tag) => one.tags.includes(tag)))
    .filter(({ uid }) => uids.length === 0 || uids.includes(uid))
    .slice(0, Number(params.get('limit') ?? 1000))
    .map(({ uid, title, tags: own }, i) => ({
      id: i + 1,
      uid,
      title,
      uri: `db/${slug(title)}`,
      url: `/d/${uid}/${slug(title)}`,
      slug: '',
      type: 'dash-db',
      tags: own,
      isStarred: false,
      sortMeta: 0,
    }));
}

function formatDashboard({ model, uid, title, changedAt }: StoredDashboard): unknown {
  const updated = new Date(changedAt).toISOString();
  return {
    dashboard: { ...model, uid },
    meta: {
      type: 'db',
      slug: slug(title),
      url: `/d/${uid}/${slug(title)}`,
      version: 1,
      created: updated,
      updated,
      canSave: false,
      canEdit: false,
      provisioned: true,
      folderUid: '',
      folderTitle: 'General',
    },
  };
}

/** Hands a request on to the data source. */
async function forward({ method, match, params }: Request, prometheusUrl: string): Promise<Reply> {
  if (match.uid !== DATASOURCE_UID) return { status: 404, body: { message: 'Data source not found' } };
  const url = `${prometheusUrl}${match.rest ?? '/'}`;
  const answer = await (method === 'POST' ? fetch(url, { method, body: params }) : fetch(`${url}?${params}`));
  const type = answer.headers.get('content-type') ?? 'application/json';
  return { status: answer.status, body: await answer.text(), headers: { 'content-type': type } };
}

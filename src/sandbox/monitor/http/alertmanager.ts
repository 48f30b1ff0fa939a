import { z } from 'zod';
import { type Alert, isResolved } from '../../../alerting/alerts.ts';
import { matchesAll, parseMatcher } from '../../../alerting/matcher.ts';
import { routesFor } from '../../../alerting/route.ts';
import { SilenceError } from '../../../alerting/silences.ts';
import { LabelSet } from '../../../promql/series/labels.ts';
import type { Matcher } from '../../../promql/series/matcher.ts';
import { compileRegex, type Regex } from '../../../regex.ts';
import type { Alertmanager } from '../alertmanager/alertmanager.ts';
import type { HttpRoute, Reply, Request } from './server.ts';

const texts = z.record(z.string(), z.string());
const alertsSchema = z.array(
  z.object({
    labels: texts,
    annotations: texts.default({}),
    generatorURL: z.string().default(''),
    startsAt: z.iso.datetime({ offset: true }).optional(),
    endsAt: z.iso.datetime({ offset: true }).optional(),
  }),
);

/** A request that Alertmanager answers with 400 and the message as a JSON text. */
class BadRequest extends Error {}

/** The v2 API of Alertmanager. `startedAt`: ms since epoch; `configuration`: its alertmanager.yml as it is in use. */
export function alertmanagerRoutes(
  alertmanager: Alertmanager,
  { startedAt, configuration }: { startedAt: number; configuration(): string },
): HttpRoute[] {
  const ok = (body: unknown): Reply => ({ status: 200, body });
  const get = (path: string, handle: HttpRoute['handle']): HttpRoute => ({ methods: ['GET'], path, handle });
  const post = (path: string, handle: HttpRoute['handle']): HttpRoute => ({
    methods: ['POST'],
    path,
    handle,
  });
  return [
    get('/api/v2/alerts', ({ params }) => {
      const wanted = alertFilter(alertmanager, params);
      return ok(
        alertmanager.store
          .firing(alertmanager.now)
          .filter(wanted)
          .map((alert) => formatAlert(alertmanager, alert))
          .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
      );
    }),
    post('/api/v2/alerts', (request) => {
      const parsed = alertsSchema.safeParse(json(request));
      if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
      const time = (text: string | undefined) =>
        text?.startsWith('0001-') ? undefined : text && Date.parse(text);
      alertmanager.receive(
        parsed.data.map(({ labels, startsAt, endsAt, ...rest }) => ({
          ...rest,
          labels: LabelSet.from(labels),
          startsAt: time(startsAt) || undefined,
          endsAt: time(endsAt) || undefined,
        })),
      );
      return { status: 200, body: '' };
    }),
    get('/api/v2/alerts/groups', ({ params }) => {
      const wanted = alertFilter(alertmanager, params);
      const groups = alertmanager.groups().map((group) => ({
        labels: group.labels,
        receiver: { name: group.route.receiver },
        alerts: group.alerts
          .filter((alert) => !isResolved(alert, alertmanager.now) && wanted(alert))
          .map((alert) => formatAlert(alertmanager, alert)),
      }));
      return ok(groups.filter(({ alerts }) => alerts.length > 0));
    }),
    get('/api/v2/receivers', () => ok(alertmanager.config.receivers.map(({ name }) => ({ name })))),
    get('/api/v2/status', () =>
      ok({
        cluster: { status: 'disabled', peers: [] },
        config: { original: configuration() },
        uptime: new Date(startedAt).toISOString(),
        versionInfo: {
          version: '0.28.0',
          revision: '',
          branch: '',
          buildUser: '',
          buildDate: '',
          goVersion: 'node',
        },
      }),
    ),
    get('/api/v2/silences', ({ params }) =>
      ok(alertmanager.silences.list(filterParam(params), alertmanager.now)),
    ),
    post('/api/v2/silences', (request) =>
      ok({ silenceID: alertmanager.silences.put(json(request), alertmanager.now) }),
    ),
    get('/api/v2/silence/:id', ({ match }) => ok(alertmanager.silences.get(match.id!, alertmanager.now))),
    {
      methods: ['DELETE'],
      path: '/api/v2/silence/:id',
      handle: ({ match }) => {
        alertmanager.silences.expire(match.id!, alertmanager.now);
        return { status: 200, body: '' };
      },
    },
    get('/notifications', ({ params }) => ok(notifications(alertmanager, params))),
    get('/-/ready', () => ({ status: 200, body: 'OK' })),
    get('/-/healthy', () => ({ status: 200, body: 'OK' })),
  ];
}

/** What the embedded receivers were told: an inbox the real one does not have. Filter: receiver. */
function notifications(alertmanager: Alertmanager, params: URLSearchParams): unknown[] {
  const receiver = params.get('receiver');
  return alertmanager
    .delivered()
    .filter((one) => receiver === null || one.receiver === receiver)
    .map(({ time, ...rest }) => ({ ...rest, time: new Date(time).toISOString() }));
}

/** Errors are a JSON text, as the real one gives them. */
export function alertmanagerError(error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error);
  const status =
    error instanceof SilenceError
      ? error.status
      : error instanceof BadRequest
        ? 400
        : error instanceof UnsupportedType
          ? 415
          : 500;
  return { status, body: JSON.stringify(message), headers: { 'content-type': 'application/json' } };
}

/** Other types are refused as the real one refuses them: what a form of a web page can send is none of JSON. */
class UnsupportedType extends Error {}

function json({ body, headers }: Request): unknown {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  if (type !== 'application/json') {
    throw new UnsupportedType(
      `unsupported media type ${JSON.stringify(type)}, only [application/json] are allowed`,
    );
  }
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new BadRequest(`parsing body failed: ${(cause as Error).message}`, { cause });
  }
}

function filterParam(params: URLSearchParams): Matcher[] {
  try {
    return params.getAll('filter').map(parseMatcher);
  } catch (cause) {
    throw new BadRequest((cause as Error).message, { cause });
  }
}

function regexParam(pattern: string): Regex {
  try {
    return compileRegex(pattern, { wholeText: true });
  } catch (cause) {
    throw new BadRequest(`failed to parse receiver param: ${(cause as Error).message}`, { cause });
  }
}

function alertFilter(alertmanager: Alertmanager, params: URLSearchParams): (alert: Alert) => boolean {
  const matchers = filterParam(params);
  const flag = (name: string) => params.get(name) !== 'false';
  const receiver = params.get('receiver');
  const receiverRegex = receiver === null ? undefined : regexParam(receiver);
  return (alert) => {
    if (!matchesAll(matchers, alert.labels)) return false;
    if (receiverRegex && !receiversOf(alertmanager, alert).some(({ name }) => receiverRegex.test(name)))
      return false;
    const { state, silencedBy, inhibitedBy } = alertmanager.status(alert);
    if (!flag('active') && state === 'active') return false;
    if (!flag('silenced') && silencedBy.length > 0) return false;
    return flag('inhibited') || inhibitedBy.length === 0;
  };
}

/** One that nobody is told of at this time is suppressed to the API, though it is neither silenced nor inhibited. */
function shown(status: ReturnType<Alertmanager['status']>) {
  return status.mutedBy.length > 0 ? { ...status, state: 'suppressed' } : status;
}

function receiversOf(alertmanager: Alertmanager, alert: Alert): { name: string }[] {
  const names = routesFor(alertmanager.config.route, alert.labels).map(({ receiver }) => receiver);
  return [...new Set(names)].map((name) => ({ name }));
}

function formatAlert(alertmanager: Alertmanager, alert: Alert) {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    annotations: alert.annotations,
    endsAt: iso(alert.endsAt),
    fingerprint: alert.fingerprint,
    receivers: receiversOf(alertmanager, alert),
    startsAt: iso(alert.startsAt),
    status: shown(alertmanager.status(alert)),
    updatedAt: iso(alert.updatedAt),
    generatorURL: alert.generatorURL,
    labels: alert.labels,
  };
}

import { PromqlError } from '../../../promql/error.ts';
import { Query, type QueryLimits } from '../../../promql/query.ts';
import { print } from '../../../promql/syntax/print.ts';
import type { RuleGroup } from '../../../rules/group.ts';
import type { SandboxClock } from '../../api.ts';
import type { ScrapeStatus } from '../scrape/scraper.ts';
import type { Storage } from '../tsdb/storage.ts';
import { inTurns, pace, QUERY_TIMEOUT_MS } from '../turns.ts';
import { formatInstant, formatRange } from './format.ts';
import { QueryGate } from './gate.ts';
import { durationParam, limited, matchParams, timeParam, withName } from './params.ts';
import { formatAlerts, formatRules } from './rules.ts';
import { type HttpRoute, JsonChunks, type Reply, type Request } from './server.ts';
import { formatMetadata, formatTargets } from './targets.ts';

/** Queries that are evaluated at a time: each may hold millions of samples. */
const QUERIES_AT_ONCE = 8;

export interface PrometheusParts {
  readonly storage: Storage;
  readonly clock: SandboxClock;
  readonly limits: QueryLimits;
  readonly groups: readonly RuleGroup[];
  readonly targets: () => readonly ScrapeStatus[];
  readonly alertmanagerUrl: () => string;
  readonly scrapeIntervalMs: number;
  readonly startedAt: number;
}

/** The HTTP API of Prometheus 3, as far as the parts we have go. */
export function prometheusRoutes(parts: PrometheusParts): HttpRoute[] {
  const { storage, clock } = parts;
  const both = ['GET', 'POST'];
  const get = ['GET'];
  const success = (data: unknown, warnings?: readonly string[]): Reply => ({
    status: 200,
    body: { status: 'success', data, ...(warnings && { warnings }) },
  });
  /** A success whose data is made and sent in pieces. */
  const pieces = (data: Iterable<string>, more: object = {}): Reply => ({
    status: 200,
    body: new JsonChunks(enveloped(data, more)),
  });
  const gate = new QueryGate(QUERIES_AT_ONCE);
  const limitsOf = ({ params, signal }: Request, query: Query) => {
    const timeoutMs = durationParam(params, 'timeout', QUERY_TIMEOUT_MS);
    return {
      ...parts.limits,
      lookbackMs: durationParam(params, 'lookback_delta', parts.limits.lookbackMs ?? 300_000),
      annotations: query.annotations(),
      pace: pace({ timeoutMs, signal }),
      timeoutMs,
      signal,
    };
  };
  const queryOf = ({ params }: Request) => withName('query', () => new Query(params.get('query') ?? ''));

  const selected = ({ params }: Request) => {
    const start = timeParam(params, 'start', 0);
    const end = timeParam(params, 'end', Number.MAX_SAFE_INTEGER);
    const matches = matchParams(params);
    if (end < start) return [];
    const found =
      matches.length > 0 ? matches.flatMap((matchers) => storage.select(matchers)) : storage.select([]);
    return [...new Set(found)].filter((series) => series.lastTime >= start && series.firstTime <= end);
  };

  const range = async (request: Request): Promise<Reply> => {
    const { params } = request;
    const start = timeParam(params, 'start');
    const end = timeParam(params, 'end');
    const step = durationParam(params, 'step');
    if (end < start) {
      throw new PromqlError(
        'bad_data',
        'invalid parameter "end": end timestamp must not be before start time',
      );
    }
    if (step <= 0) {
      throw new PromqlError(
        'bad_data',
        'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
      );
    }
    const query = queryOf(request);
    const limits = limitsOf(request, query);
    const series = await gate.run(
      () => inTurns(query.rangeSteps(storage, { start, end, step }, limits)),
      limits,
    );
    const { items, warnings } = limited(series, params);
    const remarks = limits.annotations.fields();
    const all = [...(remarks.warnings ?? []), ...(warnings ?? [])];
    return pieces(formatRange(items), { ...remarks, ...(all.length > 0 && { warnings: all }) });
  };

  return [
    {
      methods: both,
      path: '/api/v1/query',
      handle: async (request) => {
        const time = timeParam(request.params, 'time', clock.now());
        const query = queryOf(request);
        const limits = limitsOf(request, query);
        const value = await gate.run(() => inTurns(query.instantSteps(storage, time, limits)), limits);
        return pieces(formatInstant(value, time), limits.annotations.fields());
      },
    },
    { methods: both, path: '/api/v1/query_range', handle: range },
    {
      methods: both,
      path: '/api/v1/format_query',
      handle: (request) => success(print(queryOf(request).expr)),
    },
    {
      methods: both,
      path: '/api/v1/series',
      handle: (request) => {
        if (!request.params.has('match[]'))
          throw new PromqlError('bad_data', 'no match[] parameter provided');
        const { items, warnings } = limited(
          selected(request).map(({ labels }) => labels),
          request.params,
        );
        return success(items, warnings);
      },
    },
    {
      methods: both,
      path: '/api/v1/labels',
      handle: (request) => {
        const names = new Set(selected(request).flatMap(({ labels }) => [...labels].map(([name]) => name)));
        const { items, warnings } = limited([...names].sort(), request.params);
        return success(items, warnings);
      },
    },
    {
      methods: get,
      path: '/api/v1/label/:name/values',
      handle: (request) => {
        const name = request.match.name ?? '';
        if (!/^[A-Za-z_]\w*$/.test(name)) throw new PromqlError('bad_data', `invalid label name: "${name}"`);
        const values = new Set(selected(request).map(({ labels }) => labels.get(name)));
        values.delete('');
        const { items, warnings } = limited([...values].sort(), request.params);
        return success(items, warnings);
      },
    },
    {
      methods: get,
      path: '/api/v1/rules',
      handle: ({ params }) => success(formatRules(parts.groups, params)),
    },
    { methods: get, path: '/api/v1/alerts', handle: () => success(formatAlerts(parts.groups)) },
    {
      methods: get,
      path: '/api/v1/targets',
      handle: ({ params }) => success(formatTargets(parts.targets(), parts.scrapeIntervalMs, params)),
    },
    {
      methods: get,
      path: '/api/v1/metadata',
      handle: ({ params }) => success(formatMetadata(parts.targets(), params)),
    },
    {
      methods: get,
      path: '/api/v1/alertmanagers',
      handle: () =>
        success({
          activeAlertmanagers: [{ url: `${parts.alertmanagerUrl()}/api/v2/alerts` }],
          droppedAlertmanagers: [],
        }),
    },
    ...statusRoutes(parts, success),
  ];
}

function statusRoutes(parts: PrometheusParts, success: (data: unknown) => Reply): HttpRoute[] {
  const methods = ['GET'];
  return [
    {
      methods,
      path: '/api/v1/status/buildinfo',
      handle: () =>
        success({
          version: '3.5.0',
          revision: '',
          branch: '',
          buildUser: '',
          buildDate: '',
          goVersion: 'node',
        }),
    },
    {
      methods,
      path: '/api/v1/status/runtimeinfo',
      handle: () =>
        success({ startTime: new Date(parts.startedAt).toISOString(), timeSeriesCount: parts.storage.size }),
    },
    {
      methods,
      path: '/api/v1/status/config',
      handle: () => {
        const files = [...new Set(parts.groups.map(({ definition }) => definition.file))];
        const yaml = [
          'global:',
          `  scrape_interval: ${parts.scrapeIntervalMs}ms`,
          'rule_files:',
          ...files.map((file) => `- ${JSON.stringify(file)}`),
          '',
        ].join('\n');
        return success({ yaml });
      },
    },
    { methods, path: '/-/ready', handle: () => ({ status: 200, body: 'Prometheus Server is Ready.\n' }) },
    { methods, path: '/-/healthy', handle: () => ({ status: 200, body: 'Prometheus Server is Healthy.\n' }) },
  ];
}

function* enveloped(data: Iterable<string>, more: object): Iterable<string> {
  yield '{"status":"success","data":';
  yield* data;
  const rest = JSON.stringify(more).slice(1);
  yield rest === '}' ? rest : `,${rest}`;
}

/** The reply Prometheus gives for an error. */
export function prometheusError(error: unknown): Reply {
  const type = error instanceof PromqlError ? error.type : 'internal';
  const status = { bad_data: 400, execution: 422, timeout: 503, canceled: 503, internal: 500 }[type];
  const message = error instanceof Error ? error.message : String(error);
  return { status, body: { status: 'error', errorType: type, error: message } };
}

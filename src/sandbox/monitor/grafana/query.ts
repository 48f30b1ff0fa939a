import { z } from 'zod';
import { PromqlError } from '../../../promql/error.ts';
import { Query, type QueryLimits } from '../../../promql/query.ts';
import type { LabelSet } from '../../../promql/series/labels.ts';
import type { Storage } from '../tsdb/storage.ts';
import { inTurns } from '../turns.ts';

const time = z.union([z.string(), z.number()]).transform(String);

const requestSchema = z.object({
  queries: z
    .array(
      z.object({
        refId: z.string().default('A'),
        expr: z.string().optional(),
        instant: z.boolean().optional(),
        range: z.boolean().optional(),
        maxDataPoints: z.number().positive().default(1000),
        intervalMs: z.number().positive().default(1000),
        legendFormat: z.string().optional(),
      }),
    )
    .min(1),
  from: time,
  to: time,
});

/** Answers POST /api/ds/query for Prometheus targets: per refId frames of two fields, time and value. */
export async function queryFrames(
  body: unknown,
  { storage, limits, now }: { storage: Storage; limits: QueryLimits; now: number },
): Promise<{ status: number; results: Record<string, unknown> }> {
  const request = requestSchema.parse(body);
  const from = timeOf(request.from, now);
  const to = timeOf(request.to, now);
  const results: Record<string, unknown> = {};
  let status = 200;
  for (const {
    refId,
    expr = '',
    instant,
    range,
    maxDataPoints,
    intervalMs,
    legendFormat,
  } of request.queries) {
    try {
      const query = new Query(expr);
      const step = Math.max(intervalMs, Math.ceil((to - from) / maxDataPoints), 1);
      const isInstant = instant === true && range !== true;
      const series = isInstant
        ? await instantSeries(query, storage, to, limits)
        : await inTurns(
            query.rangeSteps(storage, { start: Math.floor(from / step) * step, end: to, step }, limits),
          );
      results[refId] = { status: 200, frames: series.map((one) => frame(one, refId, legendFormat)) };
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error;
      status = 400;
      results[refId] = { status: 400, error: error.message, errorSource: 'downstream', frames: [] };
    }
  }
  return { status, results };
}

async function instantSeries(
  query: Query,
  storage: Storage,
  at: number,
  limits: QueryLimits,
): Promise<Points[]> {
  const value = await inTurns(query.instantSteps(storage, at, limits));
  if (value.type !== 'vector') return query.range(storage, { start: at, end: at, step: 1 }, limits);
  return value.samples.map(({ labels, value: number }) => ({ labels, times: [at], values: [number] }));
}

type Points = { labels: LabelSet; times: Iterable<number>; values: Iterable<number> };

function frame({ labels, times, values }: Points, refId: string, legend: string | undefined): unknown {
  return {
    schema: {
      refId,
      name: displayName(labels, legend),
      meta: { type: 'timeseries-multi' },
      fields: [
        { name: 'Time', type: 'time', typeInfo: { frame: 'time.Time' } },
        {
          name: 'Value',
          type: 'number',
          typeInfo: { frame: 'float64' },
          labels,
          config: { displayNameFromDS: displayName(labels, legend) },
        },
      ],
    },
    // JSON knows neither NaN nor infinity: null, as a gap.
    data: {
      values: [[...times], [...values].map((value) => (Number.isFinite(value) ? value : null))],
    },
  };
}

function displayName(labels: LabelSet, legend: string | undefined): string {
  if (!legend || legend === '__auto') return String(labels);
  return legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => labels.get(name));
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** ms since epoch of Grafana's `now`, `now-5m`, epoch ms or ISO time. */
function timeOf(text: string, now: number): number {
  const relative = /^now(?:-(\d+)([smhd]))?$/.exec(text);
  if (relative) return now - Number(relative[1] ?? 0) * (UNITS[relative[2] ?? 's'] ?? 0);
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(at))
    throw new PromqlError('bad_data', `Expected a time such as now-5m or epoch ms, got "${text}"`);
  return at;
}

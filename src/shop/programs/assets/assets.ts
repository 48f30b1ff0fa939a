import type { IncomingMessage } from 'node:http';
import process from 'node:process';
import { Counter, Gauge } from 'prom-client';
import { CallError, createClient } from '../shared/client.ts';
import { numberFromEnv, portsFromEnv } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { createMesh } from '../shared/mesh.ts';
import { createMetrics } from '../shared/metrics.ts';
import { type Reply, serve } from '../shared/server.ts';
import { watchFile } from '../shared/watched-file.ts';
import { type Answer, type File, Files } from './files.ts';
import { DEFAULTS, parseSettings } from './settings.ts';

// The shop's CDN: keeps the page's files for a lifetime, asks their origin again when it is over, and serves what it has
// meanwhile and when the origin gives no answer.
const APP = 'assets';
const PREFIX = '/assets';
const MOST_FILES = 200;

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry);
const client = createClient(mesh);
const originUrl = process.env.ORIGIN_URL ?? 'http://price-sync.batch:8080';
const originName = process.env.ORIGIN_NAME ?? 'price-sync.batch';
/** Fetched before anybody asks for them. */
const firstPaths = (process.env.FILES ?? '/prices.json').split(' ').filter(Boolean);
const settingsFile = process.env.SETTINGS_FILE ?? '/etc/assets/cache.yaml';

const registers = [metrics.registry];
const served = new Counter({
  name: 'assets_cache_requests_total',
  help: 'Files that were asked for, by what the cache made of it: hit, stale, miss, none, error.',
  labelNames: ['result'],
  registers,
});
const asked = new Counter({
  name: 'assets_origin_requests_total',
  help: 'Requests to the origin, by what came of them: modified, current, gone, error.',
  labelNames: ['outcome'],
  registers,
});
for (const outcome of ['modified', 'current', 'error']) asked.inc({ outcome }, 0);
for (const result of ['hit', 'stale', 'miss', 'error']) served.inc({ result }, 0);
new Gauge({
  name: 'assets_file_modified_timestamp_seconds',
  help: 'When the file that is served was made, in seconds since 1970.',
  labelNames: ['path'],
  registers,
  collect() {
    this.reset();
    for (const [path, { modifiedAt }] of files.all()) this.set({ path }, modifiedAt / 1000);
  },
});

const settings = watchFile(settingsFile, parseSettings, (result) => {
  if ('error' in result) return log.error('settings not read', { error: result.error.message });
  log.info('settings read', { ...result.value });
});
const files = new Files(() => settings.current() ?? DEFAULTS, MOST_FILES);

/** One request for a path at a time: others wait for its answer. */
const underway = new Map<string, Promise<File | undefined>>();

function fetchFile(path: string): Promise<File | undefined> {
  const running = underway.get(path);
  if (running) return running;
  const fetching = askOrigin(path)
    .then((answer) => {
      asked.inc({ outcome: typeof answer === 'string' ? answer : 'modified' });
      return files.keep(path, answer, Date.now());
    })
    .catch((error: Error) => {
      asked.inc({ outcome: 'error' });
      log.error('origin failed', { path, code: error instanceof CallError ? error.code : error.message });
      throw error;
    })
    .finally(() => underway.delete(path));
  underway.set(path, fetching);
  return fetching;
}

async function askOrigin(path: string): Promise<Answer> {
  const etag = files.get(path)?.etag;
  const { status, body, headers } = await client.call(originName, `${originUrl}${path}`, {
    ...(etag !== undefined && { headers: { 'if-none-match': etag } }),
    timeoutMs: 3000,
  });
  if (status === 304) return 'current';
  if (status === 404) return 'gone';
  if (status !== 200) throw new CallError(`HTTP_${status}`, `The origin answered ${path} with ${status}.`);
  const modifiedAt = Date.parse(headers['last-modified'] ?? '');
  return {
    file: {
      body,
      type: headers['content-type'] ?? 'text/plain; charset=utf-8',
      etag: headers.etag,
      modifiedAt: Number.isNaN(modifiedAt) ? Date.now() : modifiedAt,
    },
  };
}

async function answer(request: IncomingMessage): Promise<Reply> {
  const [url = '/'] = (request.url ?? '/').split('?', 1);
  if (request.method !== 'GET' || !url.startsWith(`${PREFIX}/`)) return { status: 404, body: 'not found' };
  const path = url.slice(PREFIX.length);
  const kept = files.get(path);
  if (kept) {
    const result = kept.expiresAt > Date.now() ? 'hit' : 'stale';
    served.inc({ result });
    return reply(kept, result);
  }
  try {
    const file = await fetchFile(path);
    served.inc({ result: file ? 'miss' : 'none' });
    return file ? reply(file, 'miss') : { status: 404, body: 'not found' };
  } catch {
    served.inc({ result: 'error' });
    return { status: 502, body: { error: 'origin failed' } };
  }
}

function reply(file: File, result: string): Reply {
  const seconds = (milliseconds: number) => String(Math.max(0, Math.round(milliseconds / 1000)));
  return {
    status: 200,
    body: file.body,
    headers: {
      'content-type': file.type,
      'last-modified': new Date(file.modifiedAt).toUTCString(),
      ...(file.etag !== undefined && { etag: file.etag }),
      age: seconds(Date.now() - file.validatedAt),
      'cache-control': `max-age=${seconds(file.expiresAt - file.validatedAt)}`,
      'x-cache': result.toUpperCase(),
    },
  };
}

/** What is kept is asked for again when its lifetime is over, so that nobody waits for the origin. */
function refresh(): void {
  const wanted = new Set([...firstPaths.filter((path) => !files.get(path)), ...files.due(Date.now())]);
  // Its failure is logged and counted; the next look asks again.
  for (const path of wanted) void fetchFile(path).catch(() => undefined);
}
const timer = setInterval(refresh, numberFromEnv('LOOK_EVERY_MS', 1000));

void serve({
  ports: portsFromEnv('PORT', [8080]),
  metrics,
  mesh,
  log,
  routes: [],
  fallback: answer,
  onStop() {
    clearInterval(timer);
    settings.stop();
  },
});

import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as open } from 'node:https';
import { join } from 'node:path';

/** Where a pod finds its ServiceAccount. */
const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The API server ends a watch earlier than this; a connection that went silent is given up. */
const SILENT_MS = 330_000;
const AGAIN_MS = 1000;

/** An object of the Kubernetes API, as far as the shop's programs look at it. */
export interface KubeObject {
  metadata: { name: string; resourceVersion?: string; labels?: Record<string, string> };
}

/**
 * Keeps the objects of a path of the API (`/api/v1/namespaces/shop/services`) current with the pod's own
 * ServiceAccount: lists them, watches them, and begins anew a second after whatever went wrong.
 * @returns stops it
 */
export function follow<T extends KubeObject>(
  path: string,
  onObjects: (objects: readonly T[]) => void,
  onError: (error: Error) => void,
): () => void {
  const stopped = new AbortController();
  const objects = new Map<string, T>();

  async function listAndWatch(): Promise<void> {
    const { items, metadata } = JSON.parse(await textOf(await get(path, stopped.signal)));
    objects.clear();
    for (const item of items as T[]) objects.set(item.metadata.name, item);
    onObjects([...objects.values()]);
    const from = `watch=1&resourceVersion=${metadata.resourceVersion}`;
    const changes = await get(`${path}${path.includes('?') ? '&' : '?'}${from}`, stopped.signal);
    for await (const line of linesOf(changes)) {
      const { type, object } = JSON.parse(line) as { type: string; object: T };
      if (type === 'ERROR') return;
      if (type === 'DELETED') objects.delete(object.metadata.name);
      else objects.set(object.metadata.name, object);
      onObjects([...objects.values()]);
    }
  }

  const run = async () => {
    while (!stopped.signal.aborted) {
      await listAndWatch().catch((error: Error) => stopped.signal.aborted || onError(error));
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  void run();
  return () => stopped.abort();
}

/** Asks the API server once, with the pod's own ServiceAccount. */
export async function request<T>(method: 'GET' | 'DELETE', path: string): Promise<T> {
  return JSON.parse(await textOf(await send(method, path)));
}

const get = (path: string, signal: AbortSignal): Promise<IncomingMessage> => send('GET', path, signal);

/** An answer of the API server with a status of success. */
function send(method: string, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
    if (!host) throw new Error('Expected to run in a pod: KUBERNETES_SERVICE_HOST is not set.');
    // Read again each time: the kubelet renews the token.
    const mounted = (name: string) => readFileSync(join(MOUNT, name), 'utf8').trim();
    const headers = { authorization: `Bearer ${mounted('token')}`, accept: 'application/json' };
    const options = { host, port, method, path, headers, ca: mounted('ca.crt'), timeout: SILENT_MS };
    const asked = open({ ...options, ...(signal && { signal }) });
    asked.once('timeout', () => asked.destroy(new Error(`No word of ${path} for ${SILENT_MS / 1000} s.`)));
    asked.once('error', reject);
    asked.once('response', (response) => {
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(new Error(`Expected 200 for ${method} ${path}, got ${response.statusCode}.`));
    });
    asked.end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter(Boolean);
  }
}

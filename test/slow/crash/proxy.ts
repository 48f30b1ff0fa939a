import { createServer, request as send } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificates } from '../../../src/sandbox/apiserver/certificates.ts';

/** When the process behind a write dies: before it is forwarded, once it is done but not answered, once answered. */
export const crashPoints = ['before', 'done', 'answered'] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** A proxy in front of an API server that counts writes and can pull the plug at any of them. */
export interface CountingProxy {
  url: string;
  /** Writes so far, e.g. `POST /api/v1/namespaces/batch/configmaps`. */
  writes: string[];
  /** Counts anew; at write number `at` (from 1) `kill` is called at the crash point. */
  arm(plan: { at: number; point: CrashPoint; kill(): Promise<void> } | undefined): void;
  close(): Promise<void>;
}

/** With a certificate of a client it is that client's, whoever asks. */
export async function startCountingProxy(
  upstream: { url: string; caPem: string; client?: { cert: string; key: string } },
  own: Certificates,
): Promise<CountingProxy> {
  const writes: string[] = [];
  let plan: Parameters<CountingProxy['arm']>[0];
  const server = createServer({ cert: own.certPem, key: own.keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks);
      const isWrite =
        countsAsWrite(request.method ?? 'GET', request.url ?? '') && !isRenewal(request.url ?? '', body);
      if (isWrite) writes.push(`${request.method} ${request.url}`);
      const crash = isWrite && plan?.at === writes.length ? plan : undefined;
      if (crash?.point === 'before') {
        await crash.kill();
        request.socket.destroy();
        return;
      }
      const { method, headers } = request;
      const forwarded = send(new URL(request.url ?? '/', upstream.url), {
        method,
        headers,
        ca: upstream.caPem,
        ...upstream.client,
      });
      forwarded.on('error', () => request.socket.destroy());
      forwarded.on('response', async (answer) => {
        if (crash?.point === 'done') {
          answer.resume();
          await crash.kill();
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        if (crash) response.on('finish', () => void crash.kill());
      });
      response.on('close', () => forwarded.destroy());
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    arm(next) {
      writes.length = 0;
      plan = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A dry run, a review of what is allowed and a query that is passed on to a Prometheus change nothing. */
function countsAsWrite(method: string, url: string): boolean {
  return method !== 'GET' && !/dryRun=|(access|rules)reviews$|\/proxy\//.test(url);
}

/** A Lease that its holder renews comes by the clock: whether one falls into a game is not known beforehand. */
function isRenewal(url: string, body: Buffer): boolean {
  if (!/\/leases(\/|$)/.test(url)) return false;
  const { spec } = JSON.parse(body.toString()) as { spec?: { acquireTime?: string; renewTime?: string } };
  return spec?.acquireTime !== spec?.renewTime;
}

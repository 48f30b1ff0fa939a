import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';

export interface GetOptions {
  host: string;
  port: number;
  path: string;
  timeoutMs?: number;
  headers?: Record<string, string>;
  scheme?: 'http' | 'https';
}

/** No page of metrics and no answer to a probe is as long; a pod must not fill the memory of the control plane. */
const MAX_BODY_BYTES = 16 * 2 ** 20;

/** One GET over a connection of the pod network; the certificate of a pod is not checked, as by a probe. */
export async function get(
  open: (signal: AbortSignal) => Promise<Duplex>,
  options: GetOptions,
): Promise<{ status: number; body: string }> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const signal = AbortSignal.timeout(timeoutMs);
  const expired = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () =>
      reject(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' })),
    );
  });
  expired.catch(() => undefined);
  const socket = await open(signal);
  const answer = new Promise<{ status: number; body: string }>((resolve, reject) => {
    const send = options.scheme === 'https' ? httpsRequest : httpRequest;
    const request = send(
      {
        host: options.host,
        port: options.port,
        path: options.path,
        headers: { host: `${options.host}:${options.port}`, connection: 'close', ...options.headers },
        createConnection: () =>
          options.scheme === 'https' ? tlsConnect({ socket, rejectUnauthorized: false }) : socket,
      } as unknown as RequestOptions,
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= MAX_BODY_BYTES) return void chunks.push(chunk);
          reject(new Error(`the answer is longer than ${MAX_BODY_BYTES / 2 ** 20} MiB`));
          response.destroy();
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end();
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    answer.catch(() => undefined);
    socket.destroy();
  }
}

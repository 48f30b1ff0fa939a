/** Requests to a server under test, as they stand: any method, headers and bytes. */
import { request } from 'node:https';
import { adminToken, type TestServer } from './test-server.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** undefined if the answer is no JSON. */
  body?: { message?: string; [field: string]: unknown };
}

export interface Asking {
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  bytes?: Buffer | string;
  headers?: Record<string, string>;
}

export type Ask = (method: string, path: string, asking?: Asking) => Promise<Answer>;

/** As the administrator. */
export function clientOf({ url, caPem }: Pick<TestServer, 'url' | 'caPem'>): Ask {
  const { hostname, port } = new URL(url);
  return (method, path, { body, bytes, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const sent = bytes ?? (body === undefined ? '' : JSON.stringify(body));
      const asked = request(
        {
          hostname,
          port,
          path,
          method,
          ca: caPem,
          // Not what a Host header says.
          servername: 'localhost',
          headers: {
            authorization: `Bearer ${adminToken}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(sent),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              body: parsed(text),
            });
          });
        },
      );
      asked.on('error', reject);
      asked.end(sent);
    });
}

function parsed(text: string): Answer['body'] {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as send } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Cluster, ClusterObject } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { createCertificates } from '../../src/sandbox/apiserver/certificates.ts';
import type { TestServer } from '../sandbox/apiserver/test-server.ts';

/** What becomes of a request on its way to the API server. */
export type Fate =
  /** It never arrives, and the connection breaks. */
  | 'lost'
  /** It is carried out, and its answer is lost. */
  | 'unanswered'
  /** It is answered with a web page, as by a proxy that wants a login. */
  | 'login page'
  /** It is answered by somebody on the way, as a webhook's refusal is; `carriedOut`: and yet it was carried out. */
  | { status: number; reason: string; message: string; carriedOut?: boolean }
  | undefined;

export interface Passing {
  method: string;
  path: string;
  /** Nothing is stored: a dry run. */
  dry: boolean;
}

/** The API server through a network that does what a test says; writes are looked at, reads pass. */
export interface FaultyProxy {
  cluster: Cluster;
  kubeconfig: string;
  /** Asked for every write; may do something of its own first. */
  fate: (request: Passing) => Fate | Promise<Fate>;
  /** What an admission webhook makes of an object that is created; undefined: nothing. */
  admit?: (object: ClusterObject) => ClusterObject;
  /** How many writes did not pass as they should. */
  met: number;
  close(): Promise<void>;
}

export async function startFaultyProxy(upstream: TestServer): Promise<FaultyProxy> {
  const certificates = await createCertificates();
  const proxy = { fate: () => undefined, met: 0 } as unknown as FaultyProxy;
  const server = createServer(
    { cert: certificates.certPem, key: certificates.keyPem },
    (request, response) => {
      const { method = 'GET', url = '/', headers } = request;
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', async () => {
        const dry = url.includes('dryRun=');
        const isWrite = method !== 'GET' && !url.includes('accessreviews');
        const fate = isWrite ? await proxy.fate({ method, path: url.replace(/\?.*/, ''), dry }) : undefined;
        if (fate !== undefined) proxy.met += 1;
        if (fate === 'lost') return request.socket.destroy();
        if (fate === 'login page') {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in, please</html>');
          return;
        }
        const refuse = ({ status, reason, message }: Exclude<typeof fate, string | undefined>) => {
          const text = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code: status };
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(text));
        };
        if (typeof fate === 'object' && !fate.carriedOut) return refuse(fate);
        let sent: Buffer = Buffer.concat(body);
        if (proxy.admit && method === 'POST' && isWrite)
          sent = Buffer.from(JSON.stringify(proxy.admit(JSON.parse(sent.toString()))));
        const forwarded = send(
          new URL(url, upstream.url),
          {
            method,
            headers: { ...headers, ...(sent.length > 0 && { 'content-length': sent.length }) },
            ca: upstream.caPem,
          },
          (answer) => {
            if (fate === 'unanswered') {
              answer.resume();
              answer.on('end', () => request.socket.destroy());
              return;
            }
            if (fate) {
              answer.resume();
              answer.on('end', () => refuse(fate));
              return;
            }
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
          },
        );
        forwarded.on('error', () => request.socket.destroy());
        response.on('close', () => forwarded.destroy());
        forwarded.end(sent);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = parse(readFileSync(upstream.kubeconfig, 'utf8'));
  config.clusters[0].cluster = {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'certificate-authority-data': Buffer.from(certificates.caPem).toString('base64'),
  };
  const kubeconfig = join(upstream.folder, 'faulty.kubeconfig');
  writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
  proxy.kubeconfig = kubeconfig;
  proxy.cluster = await connect({ kubeconfig });
  proxy.close = () =>
    new Promise((resolve) => {
      proxy.cluster.close();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return proxy;
}

/** A fate for the first write that matches; all others pass. */
export function once(matches: RegExp, fate: Fate, first?: () => Promise<unknown>): FaultyProxy['fate'] {
  let met = false;
  return async ({ method, path, dry }) => {
    if (met || dry || !matches.test(`${method} ${path}`)) return undefined;
    met = true;
    await first?.();
    return fate;
  };
}

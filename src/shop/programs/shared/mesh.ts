import type { IncomingMessage } from 'node:http';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Carries the caller's mesh identity (`storefront.shop`). A caller outside of the mesh sends none. */
export const IDENTITY_HEADER = 'l5d-client-id';

/** Milliseconds, a subset of the bounds of Linkerd's proxy. */
const MESH_BUCKETS = [5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000, 10_000];

/** What a mesh's side-car would count next to the program: names and labels follow Linkerd's proxy metrics. */
export interface Mesh {
  /** The identity this program sends: `<app>.<namespace>`. */
  readonly identity: string;
  /** A request came in; the returned function notes its answer. */
  inbound(request: IncomingMessage): (statusCode: number) => void;
  /** A request goes out to `dst` (`checkout.shop`); the returned function notes its answer, undefined for none. */
  outbound(dst: string): (statusCode: number | undefined) => void;
}

/** `tls` is what Linkerd says of a peer: "true" for one with an identity, "no_identity" for one without. */
type Peer = { direction: 'inbound' | 'outbound'; client: string; dst: string; tls: string };

export function createMesh(
  app: string,
  registry: Registry,
  namespace = process.env.POD_NAMESPACE ?? 'shop',
): Mesh {
  const registers = [registry];
  const labelNames = ['direction', 'client', 'dst', 'tls'] as const;
  const requests = new Counter({
    name: 'request_total',
    help: 'Requests seen by the mesh.',
    labelNames,
    registers,
  });
  const responses = new Counter({
    name: 'response_total',
    help: 'Responses seen by the mesh.',
    labelNames: [...labelNames, 'classification', 'status_code'],
    registers,
  });
  const latency = new Histogram({
    name: 'response_latency_ms',
    help: 'Time from request to the end of the response, in milliseconds.',
    labelNames: ['direction', 'client', 'dst'],
    buckets: MESH_BUCKETS,
    registers,
  });

  const begin = (peer: Peer) => {
    const started = performance.now();
    requests.inc(peer);
    return (statusCode: number | undefined) => {
      const failed = statusCode === undefined || statusCode >= 500;
      responses.inc({
        ...peer,
        classification: failed ? 'failure' : 'success',
        status_code: String(statusCode ?? ''),
      });
      const { tls: _tls, ...labels } = peer;
      latency.observe(labels, performance.now() - started);
    };
  };

  return {
    identity: `${app}.${namespace}`,
    inbound(request) {
      const header = request.headers[IDENTITY_HEADER];
      const client = typeof header === 'string' ? header : '';
      return begin({ direction: 'inbound', client, dst: '', tls: client === '' ? 'no_identity' : 'true' });
    },
    outbound: (dst) => begin({ direction: 'outbound', client: '', dst, tls: 'true' }),
  };
}

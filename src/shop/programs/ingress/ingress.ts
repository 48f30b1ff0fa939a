import type { IncomingMessage } from 'node:http';
import type { V1ServiceSpec } from '@kubernetes/client-node';
import { Counter, Gauge, Histogram } from 'prom-client';
import { CallError, createClient } from '../shared/client.ts';
import { numberFromEnv, portsFromEnv } from '../shared/env.ts';
import { follow, type KubeObject } from '../shared/kubernetes.ts';
import { createLog } from '../shared/log.ts';
import { createMesh } from '../shared/mesh.ts';
import { createMetrics, LATENCY_BUCKETS } from '../shared/metrics.ts';
import { type Reply, serve } from '../shared/server.ts';
import { type Certificate, certificatesOf, type Secret } from './certificates.ts';
import { type Ingress, type Route, routeOf, routesOf } from './routes.ts';

// The way in from outside: a controller for the Ingresses of its class and namespace, with the metrics of ingress-nginx.
const APP = 'ingress';

interface Service extends KubeObject {
  spec: V1ServiceSpec;
}

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry);
const client = createClient(mesh, { keepAlive: false });
const className = process.env.INGRESS_CLASS ?? 'shop';
const namespace = process.env.POD_NAMESPACE ?? 'shop';
const timeoutMs = numberFromEnv('UPSTREAM_TIMEOUT_MS', 10_000);
const registers = [metrics.registry];
const labelNames = ['ingress', 'service', 'host', 'path', 'method', 'status'] as const;
const requests = new Counter({
  name: 'nginx_ingress_controller_requests',
  help: 'The total number of client requests.',
  labelNames,
  registers,
});
const duration = new Histogram({
  name: 'nginx_ingress_controller_request_duration_seconds',
  help: 'The request processing time in seconds.',
  labelNames: ['ingress', 'service'],
  buckets: LATENCY_BUCKETS,
  registers,
});
const expiry = new Gauge({
  name: 'nginx_ingress_controller_ssl_expire_time_seconds',
  help: 'Number of seconds since 1970 to the SSL Certificate expire.',
  labelNames: ['host', 'secret_name'],
  registers,
});
const configured = new Gauge({
  name: 'nginx_ingress_controller_config_last_reload_successful',
  help: 'Whether the last configuration reload attempt was successful.',
  registers,
});

let ingresses: readonly Ingress[] = [];
/** Undefined until they were read: then none is missing. */
let secrets: readonly Secret[] | undefined;
let services: readonly Service[] = [];
let routes: readonly Route[] = [];
let certificates: readonly Certificate[] = [];

function configure(): void {
  routes = routesOf(ingresses);
  if (!secrets) return;
  const { certificates: usable, problems } = certificatesOf(ingresses, secrets);
  certificates = usable;
  expiry.reset();
  for (const { host, secret, expires } of certificates) expiry.set({ host, secret_name: secret }, expires);
  configured.set(problems.length > 0 ? 0 : 1);
  for (const problem of problems) log.error('certificate not used', { problem });
}

const failed = (error: Error) => log.error('cluster not read', { error: error.message });
const api = `/api/v1/namespaces/${namespace}`;
const stops = [
  follow<Ingress>(
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`,
    (all) => {
      ingresses = all.filter(({ spec }) => spec.ingressClassName === className);
      configure();
      log.info('ingresses read', { ingresses: ingresses.map(({ metadata }) => metadata.name).join(',') });
    },
    failed,
  ),
  follow<Secret>(
    `${api}/secrets?fieldSelector=type%3Dkubernetes.io/tls`,
    (all) => {
      secrets = all;
      configure();
    },
    failed,
  ),
  follow<Service>(
    `${api}/services`,
    (all) => {
      services = all;
    },
    failed,
  ),
];

async function pass(request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
  const { host = '', ...rest } = request.headers;
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const route = routeOf(routes, host, path);
  const labels = { ingress: route?.ingress ?? '', service: route?.service ?? '' };
  const finished = duration.startTimer(labels);
  const reply = route
    ? await ask(route, request, rest['content-type'], signal)
    : { status: 404, body: 'default backend - 404' };
  finished();
  requests.inc({
    ...labels,
    host: route?.host ?? '_',
    path: route?.path ?? '',
    method: request.method ?? '',
    status: String(reply.status),
  });
  return reply;
}

async function ask(
  { service, port, ingress }: Route,
  request: IncomingMessage,
  type: string | undefined,
  signal: AbortSignal,
): Promise<Reply> {
  const number = portOf(service, port);
  if (number === undefined) return { status: 503, body: '503 Service Temporarily Unavailable' };
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = `http://${service}.${namespace}:${number}${request.url ?? '/'}`;
  try {
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const headers: Record<string, string> = type ? { 'content-type': type } : {};
    const { method } = request;
    const answer = await client.call(`${service}.${namespace}`, url, {
      method,
      body,
      headers,
      timeoutMs,
      signal,
    });
    return { status: answer.status, body: answer.body };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    log.error('upstream failed', { ingress, service, code: error.code });
    return error.code === 'TIMEOUT'
      ? { status: 504, body: '504 Gateway Time-out' }
      : { status: 502, body: '502 Bad Gateway' };
  }
}

function portOf(service: string, port: number | string): number | undefined {
  const ports = services.find(({ metadata }) => metadata.name === service)?.spec.ports;
  return ports?.find((one) => one.port === port || one.name === port)?.port;
}

void serve({
  ports: portsFromEnv('PORT', [8080]),
  tls: {
    ports: portsFromEnv('TLS_PORT', [8443]),
    contextOf: (host) => certificates.find((certificate) => certificate.host === host)?.context,
  },
  metrics,
  mesh,
  log,
  routes: [],
  fallback: pass,
  onStop: () => {
    for (const stop of stops) stop();
  },
});

/** /healthz, /livez and /readyz: the checks of a real server, which all pass as long as this one answers. */
import { type Exchange, send, sendPlain404 } from './respond.ts';

const first = ['ping', 'log', 'etcd'];
const hooks = [
  ...['start-apiserver-admission-initializer', 'generic-apiserver-start-informers'],
  ...['priority-and-fairness-config-consumer', 'priority-and-fairness-filter'],
  ...['storage-object-count-tracker-hook', 'start-apiextensions-informers'],
  ...['start-apiextensions-controllers', 'crd-informer-synced', 'start-system-namespaces-controller'],
  ...['start-cluster-authentication-info-controller', 'start-kube-apiserver-identity-lease-controller'],
  ...['start-legacy-token-tracking-controller', 'start-service-ip-repair-controllers'],
  ...['rbac/bootstrap-roles', 'scheduling/bootstrap-system-priority-classes', 'bootstrap-controller'],
  ...['start-kubernetes-service-cidr-controller', 'aggregator-reload-proxy-client-cert'],
  ...['start-kube-aggregator-informers', 'apiservice-status-local-available-controller'],
  ...['apiservice-status-remote-available-controller', 'apiservice-registration-controller'],
  ...['apiservice-discovery-controller', 'kube-apiserver-autoregistration'],
].map((name) => `poststarthook/${name}`);
const last = ['autoregister-completion', 'apiservice-openapi-controller', 'apiservice-openapiv3-controller'];

const checks: Record<string, string[]> = {
  healthz: [...first, ...hooks, ...last],
  livez: [...first, ...hooks, ...last],
  readyz: [...first, 'etcd-readiness', 'informer-sync', ...hooks, ...last, 'shutdown'],
};

/** False for a path that is none of them. `?verbose` lists the checks, `?exclude=NAME` leaves one out. */
export function answerHealth(exchange: Exchange, path: string): boolean {
  const [, probe = '', ...rest] = path.split('/');
  const names = Object.hasOwn(checks, probe) ? checks[probe]! : undefined;
  if (!names) return false;
  const { searchParams: query } = exchange.url;
  const one = rest.join('/');
  if (one && !names.includes(one)) sendPlain404(exchange);
  else send(exchange, 200, query.has('verbose') ? verbose(probe, one ? [one] : names, query) : 'ok', plain);
  return true;
}

const plain = 'text/plain; charset=utf-8';

function verbose(probe: string, names: string[], query: URLSearchParams): string {
  const excluded = new Set(query.getAll('exclude'));
  const lines = names.map((name) => `[+]${name} ${excluded.has(name) ? 'excluded: ok' : 'ok'}`);
  const unknown = [...excluded].filter((name) => !names.includes(name));
  const warning =
    unknown.length > 0
      ? [
          `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}`,
        ]
      : [];
  return [...lines, ...warning, `${probe} check passed`, ''].join('\n');
}

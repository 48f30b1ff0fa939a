import type { V1IngressSpec } from '@kubernetes/client-node';
import type { KubeObject } from '../shared/kubernetes.ts';

export interface Ingress extends KubeObject {
  spec: V1IngressSpec;
}

/** One path of a rule. */
export interface Route {
  ingress: string;
  /** Empty: any. */
  host: string;
  path: string;
  exact: boolean;
  service: string;
  /** Number or name of the Service's port. */
  port: number | string;
}

/** The paths of all Ingresses, those first that win over others: Exact, then the longest. */
export function routesOf(ingresses: readonly Ingress[]): Route[] {
  const routes = ingresses.flatMap(({ metadata, spec }) =>
    (spec.rules ?? []).flatMap(({ host = '', http }) =>
      (http?.paths ?? []).flatMap(({ path = '/', pathType, backend }): Route[] => {
        const { service } = backend;
        if (!service) return [];
        const port = service.port?.number ?? service.port?.name ?? '';
        const exact = pathType === 'Exact';
        return [{ ingress: metadata.name, host, path, exact, service: service.name, port }];
      }),
    ),
  );
  return routes.sort((a, b) => Number(b.exact) - Number(a.exact) || b.path.length - a.path.length);
}

/** The path that serves a request, by the rules of https://kubernetes.io/docs/concepts/services-networking/ingress/. */
export function routeOf(routes: readonly Route[], host: string, path: string): Route | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const serves = (route: Route) => (route.exact ? path === route.path : isBelow(path, route.path));
  const own = routes.filter((route) => route.host === name && serves(route));
  return own[0] ?? routes.find((route) => route.host === '' && serves(route));
}

/** `/prices` is below `/prices/` and `/`, `/pricelist` is not below `/prices`. */
function isBelow(path: string, prefix: string): boolean {
  const base = prefix.replace(/\/$/, '');
  return path === base || path.startsWith(`${base}/`);
}

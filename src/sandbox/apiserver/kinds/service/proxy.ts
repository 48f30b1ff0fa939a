/** services/proxy: where a request to a Service goes. */
import type { KubeObject } from '../../../api.ts';
import { unavailable } from '../../status.ts';
import type { HookContext, ProxyTarget } from '../definition.ts';

interface Subset {
  addresses?: { ip: string }[];
  ports?: { name?: string; port: number }[];
}

/** A ready endpoint of the port, by chance; the port by its name or number, or the one without a name. */
export function proxyTarget(service: KubeObject, asked: string, context: HookContext): ProxyTarget {
  const { name, namespace } = service.metadata;
  let portName = asked;
  if (/^\d+$/.test(asked)) {
    const ports: { name?: string; port: number }[] = service.spec.ports ?? [];
    const found = ports.find(({ port }) => port === Number(asked));
    if (!found) throw unavailable(`no service port ${asked} found for service ${JSON.stringify(name)}`);
    portName = found.name ?? '';
  }
  const subsets: Subset[] = context.get('endpoints', namespace, name)?.subsets ?? [];
  const targets = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports
      .filter((port) => (port.name ?? '') === portName)
      .flatMap(({ port }) => addresses.map(({ ip }) => ({ ip, port }))),
  );
  const target = targets[Math.floor(context.random() * targets.length)];
  if (!target) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  return target;
}

import type { V1PodSpec } from '@kubernetes/client-node';
import type { ClusterObject } from './cluster.ts';

type PodSpec = Partial<V1PodSpec>;

/** Names that meshes and injectors give their containers: what is left is the application. */
const sidecars =
  /^(istio-proxy|istio-init|linkerd-proxy|linkerd-init|linkerd-network-validator|envoy|envoy-sidecar|consul-dataplane|kuma-sidecar|vault-agent|cloud-sql-proxy|daprd|.*-sidecar)$/;

/** Names of the containers of a pod spec that run on: its containers, and init containers that always restart. */
export function containerNames(spec: unknown): string[] {
  const { containers = [], initContainers = [] } = (spec ?? {}) as PodSpec;
  const running = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...running].map(({ name }) => name);
}

/**
 * The containers whose logs are a pod's logs where none is named: the one of the annotation that kubectl reads, else the
 * only one that is no side-car (a native one, an init container that always restarts, or one of a mesh), else all.
 */
export function mainContainers({ metadata, spec }: ClusterObject): string[] {
  const { containers = [] } = (spec ?? {}) as PodSpec;
  const names = containers.map(({ name }) => name);
  const annotated = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (annotated !== undefined && containerNames(spec).includes(annotated)) return [annotated];
  const own = names.filter((name) => !sidecars.test(name));
  return own.length === 1 ? own : names;
}

import type { Permission } from '../cluster/cluster.ts';

/** `patch configmaps edge-upstreams in shop`, as kubectl auth can-i would be asked. */
export function formatPermission({
  verb,
  group,
  resource,
  subresource,
  namespace,
  name,
}: Permission): string {
  const kind = `${resource}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`;
  return `${verb} ${kind}${name ? ` ${name}` : ''}${namespace ? ` in ${namespace}` : ''}`;
}

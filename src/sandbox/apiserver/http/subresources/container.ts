/** Which container of a Pod a request is about. */
import type { KubeObject } from '../../../api.ts';
import { badRequest } from '../../status.ts';

interface Named {
  name: string;
}

/**
 * Throws ApiError 400 for an unknown name, and without a name where there are several: the annotation that names a
 * default is kubectl's affair.
 */
export function containerOf(pod: KubeObject, asked: string | null): string {
  const main: Named[] = pod.spec?.containers ?? [];
  const init: Named[] = pod.spec?.initContainers ?? [];
  const ephemeral: Named[] = pod.spec?.ephemeralContainers ?? [];
  const name = pod.metadata.name;
  if (asked) {
    if ([...main, ...init, ...ephemeral].some((container) => container.name === asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (main.length === 1) return main[0]!.name;
  const names = [...init, ...main, ...ephemeral].map((container) => container.name).join(' ');
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names}]`);
}

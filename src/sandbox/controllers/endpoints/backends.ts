import type { Api } from '../../api.ts';
import type { Pod, Service } from '../kinds.ts';
import { findCondition, isReady, isTerminal } from '../pod-state.ts';
import { matchesLabels } from '../selector.ts';
import { type TargetPort, targetPorts } from './ports.ts';

/** One pod behind a service. */
export interface Backend {
  ip: string;
  pod: Pod;
  /** Its containers answer. */
  serving: boolean;
  terminating: boolean;
  /** May be sent new requests: serving and not terminating, or the service does not care. */
  ready: boolean;
  ports: TargetPort[];
}

/** Whether this controller fills the service's endpoints: somebody else does for one without a selector. */
export function isManaged({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

/** The pods that the service selects, that have an address and have not ended, by address. */
export function backendsOf(api: Api, service: Service): Backend[] {
  const pods = api.list('pods', { namespace: service.metadata.namespace }) as readonly Pod[];
  return pods
    .filter((pod) => matchesLabels(service.spec.selector ?? {}, pod.metadata.labels))
    .filter((pod) => pod.status.podIP && !isTerminal(pod))
    .map((pod) => backend(service, pod))
    .sort((a, b) => compareAddresses(a.ip, b.ip));
}

function backend(service: Service, pod: Pod): Backend {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = (serving && !terminating) || (service.spec.publishNotReadyAddresses ?? false);
  return {
    ip: pod.status.podIP ?? '',
    pod,
    serving,
    terminating,
    ready,
    ports: targetPorts(service, pod),
  };
}

/** When what the service has to offer last changed: the youngest of its own birth and its pods' readiness. */
export function lastChange(service: Service, backends: readonly Backend[]): string {
  const times = backends.map(
    ({ pod }) => findCondition(pod.status.conditions, 'Ready')?.lastTransitionTime ?? '',
  );
  return [service.metadata.creationTimestamp, ...times].sort().at(-1) ?? '';
}

function compareAddresses(a: string, b: string): number {
  const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return number(a) - number(b);
}

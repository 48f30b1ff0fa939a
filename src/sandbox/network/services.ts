import type { V1Endpoint } from '@kubernetes/client-node';
import type { Api, KubeObject } from '../api.ts';

export interface ServiceEndpoint {
  ip: string;
  port: number;
}

const SLICES = 'endpointslices.discovery.k8s.io';

/** Services and their endpoints, kept up to date as kube-proxy and the cluster's DNS do. */
export class Services {
  private readonly byKey = new Map<string, KubeObject>();
  private readonly byIP = new Map<string, string>();
  private readonly slices = new Map<string, Map<string, KubeObject>>();
  private readonly stops: (() => void)[];

  constructor(api: Api) {
    this.stops = [
      api.watch('services', ({ type, object }) => this.serviceChanged(type, object)),
      api.watch(SLICES, ({ type, object }) => this.sliceChanged(type, object)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.byKey.get(`${namespace}/${name}`);
  }

  withIP(ip: string): KubeObject | undefined {
    const key = this.byIP.get(ip);
    return key === undefined ? undefined : this.byKey.get(key);
  }

  /** The endpoints behind a service's port that may get new connections now. */
  ready(service: KubeObject, port: number): ServiceEndpoint[] {
    const entry = (service.spec?.ports as { name?: string; port: number }[] | undefined)?.find(
      (candidate) => candidate.port === port,
    );
    if (!entry) return [];
    return this.each(service).flatMap((slice) => {
      const target = (slice.ports as { name?: string; port: number }[] | undefined)?.find(
        (candidate) => (candidate.name ?? '') === (entry.name ?? ''),
      );
      return target ? addresses(slice).map((ip) => ({ ip, port: target.port })) : [];
    });
  }

  /** The addresses that a headless service's name stands for. */
  readyAddresses(service: KubeObject, hostname?: string): string[] {
    return this.each(service).flatMap((slice) => addresses(slice, hostname));
  }

  private each(service: KubeObject): KubeObject[] {
    return [...(this.slices.get(keyOf(service))?.values() ?? [])];
  }

  private serviceChanged(type: string, service: KubeObject): void {
    const key = keyOf(service);
    const before = this.byKey.get(key)?.spec?.clusterIP;
    if (before) this.byIP.delete(before);
    if (type === 'DELETED') {
      this.byKey.delete(key);
      return;
    }
    this.byKey.set(key, service);
    const ip = service.spec?.clusterIP;
    if (ip && ip !== 'None') this.byIP.set(ip, key);
  }

  private sliceChanged(type: string, slice: KubeObject): void {
    const name = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (!name) return;
    const key = `${slice.metadata.namespace}/${name}`;
    const slices = this.slices.get(key) ?? new Map<string, KubeObject>();
    if (type === 'DELETED') slices.delete(slice.metadata.name);
    else slices.set(slice.metadata.name, slice);
    if (slices.size > 0) this.slices.set(key, slices);
    else this.slices.delete(key);
  }
}

function addresses(slice: KubeObject, hostname?: string): string[] {
  return ((slice.endpoints as V1Endpoint[] | undefined) ?? [])
    .filter((endpoint) => endpoint.conditions?.ready !== false)
    .filter((endpoint) => hostname === undefined || endpoint.hostname === hostname)
    .flatMap((endpoint) => endpoint.addresses);
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

/** Defaults of a pod spec, wherever it stands: Pods and the templates of workloads (pkg/apis/core/v1/defaults.go). */
import { fallback } from '../../../json.ts';

type Fields = Record<string, unknown>;

const list = (value: unknown): Fields[] => (Array.isArray(value) ? (value as Fields[]) : []);

/** Fills what a pod spec leaves out. `spec` is changed in place. */
export function setPodSpecDefaults(spec: Fields): void {
  fallback(spec, 'restartPolicy', 'Always');
  fallback(spec, 'terminationGracePeriodSeconds', 30);
  fallback(spec, 'dnsPolicy', 'ClusterFirst');
  fallback(spec, 'securityContext', {});
  fallback(spec, 'schedulerName', 'default-scheduler');
  if (spec.serviceAccountName === undefined && spec.serviceAccount)
    spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  for (const container of list(spec.initContainers)) setContainerDefaults(container);
  for (const container of list(spec.containers)) setContainerDefaults(container);
  for (const container of list(spec.ephemeralContainers)) setContainerDefaults(container);
  for (const volume of list(spec.volumes)) setVolumeDefaults(volume);
}

function setContainerDefaults(container: Fields): void {
  fallback(container, 'resources', {});
  fallback(container, 'terminationMessagePath', '/dev/termination-log');
  fallback(container, 'terminationMessagePolicy', 'File');
  fallback(container, 'imagePullPolicy', pullPolicy(String(container.image ?? '')));
  for (const port of list(container.ports)) fallback(port, 'protocol', 'TCP');
  for (const variable of list(container.env)) {
    const from = variable.valueFrom as Fields | undefined;
    if (from?.fieldRef) fallback(from.fieldRef as Fields, 'apiVersion', 'v1');
    if (from?.resourceFieldRef) fallback(from.resourceFieldRef as Fields, 'divisor', '0');
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = container[name] as Fields | undefined;
    if (!probe) continue;
    fallback(probe, 'timeoutSeconds', 1);
    fallback(probe, 'periodSeconds', 10);
    fallback(probe, 'successThreshold', 1);
    fallback(probe, 'failureThreshold', 3);
    if (probe.grpc) fallback(probe.grpc as Fields, 'service', '');
    setHandlerDefaults(probe);
  }
  const lifecycle = container.lifecycle as Fields | undefined;
  for (const hook of ['postStart', 'preStop']) {
    if (lifecycle?.[hook]) setHandlerDefaults(lifecycle[hook] as Fields);
  }
}

function setHandlerDefaults(handler: Fields): void {
  const get = handler.httpGet as Fields | undefined;
  if (!get) return;
  fallback(get, 'path', '/');
  fallback(get, 'scheme', 'HTTP');
}

/** `:latest` and no tag are always pulled; any other tag or a digest only if it is not there. */
function pullPolicy(image: string): string {
  const afterRegistry = image.slice(image.lastIndexOf('/') + 1);
  if (afterRegistry.includes('@')) return 'IfNotPresent';
  const tag = afterRegistry.split(':')[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function setVolumeDefaults(volume: Fields): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume.emptyDir = {};
  for (const kind of ['configMap', 'secret', 'downwardAPI', 'projected']) {
    const source = volume[kind] as Fields | undefined;
    if (!source) continue;
    fallback(source, 'defaultMode', 0o644);
    if (kind === 'downwardAPI') setDownwardDefaults(source);
    if (kind !== 'projected') continue;
    for (const part of list(source.sources)) {
      if (part.downwardAPI) setDownwardDefaults(part.downwardAPI as Fields);
      if (part.serviceAccountToken) fallback(part.serviceAccountToken as Fields, 'expirationSeconds', 3600);
    }
  }
  if (volume.hostPath) fallback(volume.hostPath as Fields, 'type', '');
  const image = volume.image as Fields | undefined;
  if (image) fallback(image, 'pullPolicy', pullPolicy(String(image.reference ?? '')));
}

function setDownwardDefaults(source: Fields): void {
  for (const item of list(source.items)) {
    if (item.fieldRef) fallback(item.fieldRef as Fields, 'apiVersion', 'v1');
    if (item.resourceFieldRef) fallback(item.resourceFieldRef as Fields, 'divisor', '0');
  }
}

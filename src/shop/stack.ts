import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Container, V1PodSpec, V1ResourceRequirements } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import type { Filled } from '../kubernetes.ts';
import { shopFolder } from './folder.ts';
import type { Manifest } from './manifest.ts';
import { isPartOf } from './parts.ts';

export interface StackOptions {
  /** The text of a bundled program by its name: `dist/programs/<name>.cjs`. */
  programs(name: string): string;
  /** Whether checkout times its work or burns it. A shared real CPU makes only `burn` honest. */
  mode: 'simulated' | 'burn';
  /** Image of every container that runs a program of the shop, instead of `node:20-slim`. */
  image?: string;
  /** Names of Secrets in each namespace with which the image is pulled. */
  imagePullSecrets?: readonly string[];
  /** Limits by name of a workload and resource (`{ checkout: { cpu: '1' } }`); the request becomes the same. */
  limits?: Record<string, Record<string, string>>;
  /** Parts that are left out (`parts.ts`). */
  without?: readonly string[];
}

/** All objects of the shop in the order to apply them: namespaces, ConfigMaps, then the rest. */
export function stackObjects(options: StackOptions): Manifest[] {
  const written = readManifests(options.without).map((object) => adaptWorkload(object, options));
  const rank = (object: Manifest) => ['Namespace', 'ConfigMap'].indexOf(object.kind) + 1 || 3;
  return [...written, ...programConfigMaps(written, options)].sort((a, b) => rank(a) - rank(b));
}

/** Names of the workloads whose resources may be set otherwise ({@link StackOptions.limits}). */
export function stackWorkloads(): string[] {
  return readManifests().flatMap((object) => (podSpec(object) ? object.metadata.name : []));
}

function readManifests(without: readonly string[] = []): Manifest[] {
  const folder = join(shopFolder(), 'manifests');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && !isPartOf(without, file))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .map((document) => {
      if (document.errors?.[0]) throw document.errors[0];
      return document.toJS() as Manifest;
    });
}

/** A ConfigMap for each volume `<name>-program` of a workload: the bundled program of that name, as `main.cjs`. */
function programConfigMaps(workloads: readonly Manifest[], options: StackOptions): Manifest[] {
  const made = new Map<string, Manifest>();
  for (const workload of workloads) {
    for (const { configMap } of podSpec(workload)?.volumes ?? []) {
      const program = /^(.+)-program$/.exec(configMap?.name ?? '')?.[1];
      if (!program) continue;
      const { namespace, labels } = workload.metadata;
      const key = `${namespace}/${program}`;
      if (made.has(key)) continue;
      made.set(key, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${program}-program`, namespace, labels: { ...labels } },
        data: { 'main.cjs': options.programs(program) },
      });
    }
  }
  return [...made.values()];
}

type PodSpec = Omit<V1PodSpec, 'containers' | 'initContainers'> & {
  containers: Container[];
  initContainers?: Container[];
};

/** Of a Deployment, StatefulSet, DaemonSet or Job, and of a CronJob's Jobs. */
function podSpec(object: Manifest): PodSpec | undefined {
  return (object.kind === 'CronJob' ? object.spec.jobTemplate : object).spec?.template?.spec;
}

/** The shop's own say what they run and how much of the machine it takes. */
type Container = Filled<V1Container, 'image'> & {
  resources: Required<Pick<V1ResourceRequirements, 'limits' | 'requests'>>;
};

function adaptWorkload(workload: Manifest, options: StackOptions): Manifest {
  const changed = structuredClone(workload);
  const pod = podSpec(changed);
  if (!pod) return changed;
  const limits = options.limits?.[changed.metadata.name];
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    if (options.image && container.image.startsWith('node:')) container.image = options.image;
    // A request above its limit is refused, and comparing quantities is Kubernetes' business: both are the same.
    Object.assign(container.resources.limits, limits);
    Object.assign(container.resources.requests, limits);
    for (const variable of container.env ?? []) if (variable.name === 'WORK') variable.value = options.mode;
  }
  if (options.imagePullSecrets?.length)
    pod.imagePullSecrets = options.imagePullSecrets.map((name) => ({ name }));
  return changed;
}

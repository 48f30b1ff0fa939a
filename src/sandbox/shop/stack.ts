import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { NewObject } from '../api.ts';
import { shopFolder } from './folder.ts';

export interface StackOptions {
  /** The text of a bundled program by its name: `dist/programs/<name>.cjs`. */
  programs(name: string): string;
  /** Whether checkout times its work or burns it. A shared real CPU makes only `burn` honest. */
  mode: 'simulated' | 'burn';
  /** Image of every container; by default what the manifests say (`node:20-slim`). */
  image?: string;
  /** Names of Secrets in each namespace with which the image is pulled. */
  imagePullSecrets?: readonly string[];
  /** Limits by Deployment name and resource (`{ checkout: { cpu: '1' } }`); the request becomes the same. */
  limits?: Record<string, Record<string, string>>;
}

/** Names of the shop's programs: each has a Deployment of the same name. */
export const SHOP_PROGRAMS = ['edge', 'storefront', 'checkout', 'worker', 'customers', 'price-sync'] as const;

/** All objects of the shop in the order to apply them: namespaces, ConfigMaps, then the rest. */
export function stackObjects(options: StackOptions): NewObject[] {
  const written = readManifests().map((object) =>
    object.kind === 'Deployment' ? adaptDeployment(object, options) : object,
  );
  const programs = written
    .filter((object) => object.kind === 'Deployment')
    .map((deployment) => programConfigMap(deployment, options.programs(deployment.metadata.name ?? '')));
  const rank = (object: NewObject) => ['Namespace', 'ConfigMap'].indexOf(object.kind) + 1 || 3;
  return [...written, ...programs].sort((a, b) => rank(a) - rank(b));
}

function readManifests(): NewObject[] {
  const folder = join(shopFolder(), 'manifests');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .map((document) => {
      if (document.errors?.[0]) throw document.errors[0];
      return document.toJS() as NewObject;
    });
}

function programConfigMap({ metadata }: NewObject, text: string): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `${metadata.name}-program`,
      namespace: metadata.namespace,
      labels: { ...metadata.labels },
    },
    data: { 'main.cjs': text },
  };
}

interface Container {
  image: string;
  env?: { name: string; value?: string }[];
  resources: { requests: Record<string, string>; limits: Record<string, string> };
}

function adaptDeployment(deployment: NewObject, options: StackOptions): NewObject {
  const changed = structuredClone(deployment);
  const pod = changed.spec.template.spec as {
    containers: Container[];
    imagePullSecrets?: { name: string }[];
  };
  const limits = options.limits?.[changed.metadata.name ?? ''];
  for (const container of pod.containers) {
    if (options.image) container.image = options.image;
    // A request above its limit is refused, and comparing quantities is Kubernetes' business: both are the same.
    Object.assign(container.resources.limits, limits);
    Object.assign(container.resources.requests, limits);
    for (const variable of container.env ?? []) if (variable.name === 'WORK') variable.value = options.mode;
  }
  if (options.imagePullSecrets?.length)
    pod.imagePullSecrets = options.imagePullSecrets.map((name) => ({ name }));
  return changed;
}

/** What the server knows of one resource. Adding a kind is one file that exports a ResourceDefinition. */
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export interface Subresource {
  name: string;
  /** The kind it answers with: Scale for deployments/scale. */
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
}

/** What hooks of a kind may look at beside the object itself. */
export interface HookContext {
  /** Wall time, ms. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(resource: string, namespace?: string): readonly KubeObject[];
}

export type Warn = (text: string) => void;

export interface ResourceDefinition extends GroupVersionKind {
  plural: string;
  singular: string;
  shortNames?: string[];
  categories?: string[];
  namespaced: boolean;
  /** Name of the typed model in schema/models.json, e.g. V1Pod. */
  model: string;
  /** Default: all eight. */
  verbs?: Verb[];
  subresources?: Subresource[];
  storageVersionHash?: string;
  /** True where status is written through /status only. */
  hasStatus?: boolean;
  /** True where metadata.generation counts changes of the spec. */
  counted?: boolean;
  /** False where a PUT must carry a resourceVersion. Default true. */
  unconditionalUpdate?: boolean;
  /** True where a PUT to a missing name creates it. */
  createOnUpdate?: boolean;
  /** Fills defaults of the versioned type: called for every object that comes in. */
  setDefaults?(object: KubeObject, context: HookContext): void;
  /** Clears or fills what only the server decides on create. */
  prepareCreate?(object: KubeObject, context: HookContext): void;
  /** Admission plug-ins: may change the object or throw an ApiError. */
  admit?(object: KubeObject, context: HookContext): void;
  validate?(object: KubeObject, context: HookContext): FieldError[];
  /** Validating admission of a new object, which is valid: throws an ApiError, changes nothing. */
  review?(object: KubeObject, context: HookContext): void;
  /** Keeps what a client may not change through the main resource, beside status. */
  prepareUpdate?(object: KubeObject, old: KubeObject, context: HookContext): void;
  /** Keeps what even a writer of the status may not change. */
  prepareStatus?(object: KubeObject, old: KubeObject): void;
  validateUpdate?(object: KubeObject, old: KubeObject, context: HookContext): FieldError[];
  /** For a second version of stored objects: how they look in it, and how what comes in is stored. */
  view?: { show(object: KubeObject): KubeObject; read(object: KubeObject): KubeObject };
  /** Told in a Warning header of every answer. */
  deprecation?: string;
  /** How names are checked. Default: a DNS subdomain. */
  nameRule?: 'subdomain' | 'label' | 'path';
  /** Warning headers for doubtful but accepted input. */
  warn?(object: KubeObject, old: KubeObject | undefined, warn: Warn): void;
  /** Selectable fields beside metadata.name and metadata.namespace. */
  fields?(object: KubeObject): Record<string, string>;
  /** Names of the selectable fields, so that an unknown one is refused even on an empty list. */
  fieldNames?: string[];
}

/** The name under which a resource is stored and watched: `pods`, `deployments.apps`. */
export function resourceName(definition: { plural: string; group: string }): string {
  return definition.group ? `${definition.plural}.${definition.group}` : definition.plural;
}

export function apiVersion(definition: { group: string; version: string }): string {
  return definition.group ? `${definition.group}/${definition.version}` : definition.version;
}

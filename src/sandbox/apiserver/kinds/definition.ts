/** What the server knows of one kind. Adding one: docs/adding-a-kind.md. */
import type { KubeObject, NewObject } from '../../api.ts';
import type { Structure } from '../apply/structure.ts';
import type { JsonSchema } from '../custom/json-schema.ts';
import type { Quantities } from '../pod-quantities.ts';
import type { FieldError } from '../status.ts';
import type { Printer } from '../table/printer.ts';

type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

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
  access?: Access;
  /** Where it is a part of the object that is written alone: keeps all else as it was. */
  part?: {
    keep(object: KubeObject, old: KubeObject): void;
    validate(object: KubeObject, old: KubeObject): FieldError[];
  };
}

/**
 * Verbs by the ClusterRoles that a cluster starts with. Who may edit may also do what `view` says, and so may who is
 * on call, everywhere.
 */
export type Access = Partial<Record<'view' | 'edit' | 'oncall', string[]>>;

/** How patch and apply match the elements of a list. Any other list is replaced whole. */
export interface ListType {
  /** Strategic merge patch: the field by which elements are matched; '' for scalars (patchMergeKey). */
  merge?: string;
  /** Of a matched element only the fields that a patch names are kept (patchStrategy retainKeys). */
  retainKeys?: boolean;
  /** Server-side apply: the fields by which elements are told apart (x-kubernetes-list-map-keys). */
  keys?: string[];
  /** Server-side apply: a list of scalars in which each is there once. */
  set?: boolean;
}

/**
 * Which zero values are written and which are left out. In Kubernetes this is decided per Go field: a plain value
 * marked omitempty is left out when it is zero, a pointer is kept. The generated models do not tell.
 */
export interface ZeroValues {
  /** Numbers that are no pointers, by model and field: 0 is the same as absent. */
  omitted?: string[];
  /** Strings that are pointers, by model and field: an empty one is kept. */
  kept?: string[];
  /** Fields that are written even when nobody set them, by model: Go structs without omitempty. */
  written?: Record<string, Record<string, unknown>>;
}

/** How a DELETE goes beside the common way. */
export interface DeletionRules {
  /** Seconds between mark and end; `asked` by the client. A kind that has this is marked even where it is 0. */
  gracePeriod?(object: KubeObject, asked?: number): number;
  /** Whether something else than finalizers of the metadata holds it. */
  isHeld?(object: KubeObject): boolean;
  /** What else being deleted changes in it; an ApiError refuses it. */
  mark?(object: KubeObject): void;
  /** True where propagation policies add no finalizers. */
  plain?: boolean;
  /** Where who names no policy leaves the dependants behind: what is told of that. */
  orphans?: string;
}

/** What a ResourceQuota can limit beside `count/…`. */
export interface QuotaRules {
  /** True where no quota counts it at all. */
  ignored?: boolean;
  /** True where a quota also limits its number by its plain name. */
  plainName?: boolean;
  /** What an object uses, by the names that quotas have for it. `now` in ms. */
  usage?(object: KubeObject, now: number): Quantities;
  /** True where objects come to use more or less while they exist. */
  changes?: boolean;
  /** What a new object must name because `hard` limits it, as a text; '' if nothing is missing. */
  missing?(object: KubeObject, hard: Quantities): string;
  /** Whether a scope is about the object. A quota with scopes does not see kinds without this. */
  isInScope?(object: KubeObject, scope: QuotaScope): boolean;
}

export interface QuotaScope {
  scopeName: string;
  operator: string;
  values?: string[];
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

type Warn = (text: string) => void;

export interface ResourceDefinition extends GroupVersionKind {
  plural: string;
  singular: string;
  shortNames?: string[];
  categories?: string[];
  namespaced: boolean;
  /** Name of the typed model in schema/models.json, e.g. V1Pod. */
  model: string;
  access?: Access;
  /** Default: all eight. */
  verbs?: Verb[];
  subresources?: Subresource[];
  storageVersionHash?: string;
  /** True where status is written through /status only. */
  hasStatus?: boolean;
  /** True where metadata.generation counts changes of the spec. */
  counted?: boolean;
  /** What else than the spec makes a new generation when it changes. */
  countedToo?(object: KubeObject): unknown;
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
  /** Admission of new objects of other kinds, by resource: it goes before their own. */
  onCreateOf?: Record<string, Pick<ResourceDefinition, 'admit' | 'review'>>;
  /** Objects of the kind that a cluster starts with. */
  initial?: NewObject[];
  validate?(object: KubeObject, context: HookContext): FieldError[];
  /** What only a new object may not have. */
  validateCreate?(object: KubeObject): FieldError[];
  /** Validating admission of a new object, which is valid: throws an ApiError, changes nothing. */
  review?(object: KubeObject, context: HookContext): void;
  /** Keeps what a client may not change through the main resource, beside status. */
  prepareUpdate?(object: KubeObject, old: KubeObject, context: HookContext): void;
  /** Keeps what even a writer of the status may not change. */
  prepareStatus?(object: KubeObject, old: KubeObject): void;
  validateUpdate?(object: KubeObject, old: KubeObject, context: HookContext): FieldError[];
  /** What `kubectl get` shows. Default: name and age. */
  table?: Printer;
  /** Other versions of the same stored objects. */
  versions?: OtherVersion[];
  /** Of another version only: how stored objects look in it, and how what comes in is stored. */
  view?: View;
  /** Told in a Warning header of every answer. */
  deprecation?: string;
  deletion?: DeletionRules;
  /** Where a request to its subresource proxy goes; `port` as the client wrote it. Throws ApiErrors. */
  proxyTarget?(object: KubeObject, port: string, context: HookContext): ProxyTarget;
  quota?: QuotaRules;
  /** By model and field: `V1PodSpec.containers`. */
  lists?: Record<string, ListType>;
  /** Models and fields of which server-side apply owns nothing smaller than the whole. */
  atomic?: string[];
  /** Fields (by model and field) that hold quantities: the generated client knows them as plain strings. */
  quantities?: string[];
  zeros?: ZeroValues;
  /** Of a kind that a CustomResourceDefinition adds. */
  custom?: CustomSchema;
  /** True where the stored version itself is not served. */
  hidden?: boolean;
  /** True where bodies in protobuf are not read: no client writes them, and no table has their numbers. */
  jsonOnly?: boolean;
  /** True where finalizers need no domain: all kinds but those that Kubernetes was built with. */
  looseFinalizers?: boolean;
  /** How names are checked. Default: a DNS subdomain. */
  nameRule?: 'subdomain' | 'label' | 'path';
  /** Warning headers for doubtful but accepted input. */
  warn?(object: KubeObject, old: KubeObject | undefined, warn: Warn): void;
  /** Selectable fields beside metadata.name and metadata.namespace. */
  fields?(object: KubeObject): Record<string, string>;
  /** Names of the selectable fields, so that an unknown one is refused even on an empty list. */
  fieldNames?: string[];
}

export interface CustomSchema {
  schema: JsonSchema;
  /** For server-side apply. */
  structure: Structure;
  /** Without what the schema does not name, whose paths `unknown` gets. Throws DecodeError. */
  decode(value: Record<string, unknown>, unknown: string[]): Record<string, unknown>;
  /** Where the numbers of its subresource scale stand. */
  scale?: ScaleFields;
}

export interface ScaleFields {
  wanted(object: KubeObject): number;
  seen(object: KubeObject): number;
  /** In the form of -l. */
  selector(object: KubeObject): string;
  set(object: KubeObject, replicas: number): void;
}

export interface ProxyTarget {
  ip: string;
  port: number;
}

interface View {
  show(object: KubeObject): KubeObject;
  read(object: KubeObject): KubeObject;
}

/** In what a version differs from the one that is stored. */
export type OtherVersion = Partial<
  Pick<
    ResourceDefinition,
    'group' | 'version' | 'fieldNames' | 'fields' | 'custom' | 'table' | 'deprecation' | 'subresources'
  >
> & {
  model: string;
  view: View;
};

/** Anything with an entry in discovery: stored kinds, reviews, metrics. */
export type Served = Pick<
  ResourceDefinition,
  | 'group'
  | 'version'
  | 'kind'
  | 'plural'
  | 'singular'
  | 'namespaced'
  | 'shortNames'
  | 'categories'
  | 'verbs'
  | 'subresources'
  | 'storageVersionHash'
  | 'access'
>;

/** The name under which a resource is stored and watched: `pods`, `deployments.apps`. */
export function resourceName(definition: { plural: string; group: string }): string {
  return definition.group ? `${definition.plural}.${definition.group}` : definition.plural;
}

export function apiVersion(definition: { group: string; version: string }): string {
  return definition.group ? `${definition.group}/${definition.version}` : definition.version;
}

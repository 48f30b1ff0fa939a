import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { Json } from '../kubernetes.ts';

/**
 * The cluster as the game sees it. The only implementation is in this folder (`connect`), the only user of
 * @kubernetes/client-node; it is loaded after the first frame because its import takes half a second.
 */
export interface ClusterObject {
  apiVersion: string;
  kind: string;
  metadata: Omit<Json<V1ObjectMeta>, 'managedFields'> & {
    name: string;
    managedFields?: unknown[];
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/**
 * A reference as documents write it: `kind[.group]/namespace/name`, or `kind/name` for cluster-scoped objects
 * and where the namespace is understood. `kind` is lower case, singular or plural: `job.batch/batch/report-export`.
 */
export interface Ref {
  kind: string;
  group?: string;
  namespace?: string;
  name: string;
}

/** What discovery tells of a kind. */
export interface ResourceKind {
  apiVersion: string;
  kind: string;
  /** plural */
  resource: string;
  namespaced: boolean;
}

export interface Permission {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

/** A rule of RBAC; `*` stands for all, `resources` may name a subresource (`pods/log`). No names: any. */
export interface AccessRule {
  verbs: string[];
  groups: string[];
  resources: string[];
  names: string[];
}

/** Verbs on a kind, as code asks for them; `name` undefined: on any object of the namespace. */
export interface PermissionNeed {
  verbs: string[];
  kind: string;
  group?: string;
  namespace?: string;
  name?: string;
  subresource?: string;
}

export type PatchType = 'merge' | 'strategic' | 'json';

export interface Cluster {
  /** Name of the kubeconfig context and URL of the API server. */
  readonly context: string;
  readonly server: string;
  /** Resolves a kind's discovery entry; throws MisfortuneError `unknown-kind` with the nearest known word. */
  kind(ref: Pick<Ref, 'kind' | 'group'>): Promise<ResourceKind>;
  /** All kinds that it serves, each in its preferred version. */
  kinds(): Promise<ResourceKind[]>;
  get(ref: Ref, signal?: AbortSignal): Promise<ClusterObject | undefined>;
  list(
    kind: Pick<Ref, 'kind' | 'group'>,
    options?: { namespace?: string; labelSelector?: string; fieldSelector?: string },
    signal?: AbortSignal,
  ): Promise<ClusterObject[]>;
  create(object: ClusterObject, options?: { dryRun?: boolean }, signal?: AbortSignal): Promise<ClusterObject>;
  replace(
    object: ClusterObject,
    options?: { dryRun?: boolean },
    signal?: AbortSignal,
  ): Promise<ClusterObject>;
  patch(
    ref: Ref,
    type: PatchType,
    body: unknown,
    options?: { dryRun?: boolean; subresource?: string },
    signal?: AbortSignal,
  ): Promise<ClusterObject>;
  /**
   * By UID where one is given: a newer object of the same name is left alone. By version: only as it was read, else
   * ClusterError `conflict`. Missing is fine: returns false.
   */
  delete(
    ref: Ref,
    options?: {
      uid?: string;
      resourceVersion?: string;
      propagation?: 'Background' | 'Foreground' | 'Orphan';
      gracePeriodSeconds?: number;
      dryRun?: boolean;
    },
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Lists, then watches; restarts with back-off after errors and 410. Runs until the signal aborts. */
  watch(
    kind: Pick<Ref, 'kind' | 'group'>,
    options: { namespace?: string; labelSelector?: string },
    listener: (event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: ClusterObject }) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** SelfSubjectAccessReview. */
  can(permission: Permission, signal?: AbortSignal): Promise<boolean>;
  /**
   * SelfSubjectRulesReview: what is allowed in a namespace, in one answer. Undefined where the API server says that
   * the answer is not the whole truth (an authorizer that cannot list what it allows): ask `can` then.
   */
  rules(namespace: string, signal?: AbortSignal): Promise<AccessRule[] | undefined>;
  /** The log of a pod's container (last `tailLines`). */
  logs(
    pod: { namespace: string; name: string; container?: string; tailLines?: number; sinceSeconds?: number },
    signal?: AbortSignal,
  ): Promise<string>;
  /** GET of any path of the API server, e.g. a service proxy; used for in-cluster Prometheus. `date`: its clock. */
  raw(
    path: string,
    options?: { method?: string; body?: string; headers?: Record<string, string> },
    signal?: AbortSignal,
  ): Promise<{ status: number; body: string; date?: string }>;
  close(): void;
}

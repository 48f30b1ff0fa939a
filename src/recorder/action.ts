/**
 * One thing a responder did, normalised: what the recorder makes of raw requests and what playbook steps
 * are matched against. Plain data; it goes into the log as it is.
 */
export interface Action {
  /** Unique in the game; for kubectl the Kubectl-Session. */
  id: string;
  /** Wall time of the first request, ms since epoch. */
  at: number;
  /** Wall time when it was complete, ms since epoch. */
  until: number;
  /** The responder as the conductor knows them: "responder", or the name given at `join`. */
  who: string;
  surface:
    | 'kubectl'
    | 'kubernetes'
    | 'prometheus'
    | 'grafana'
    | 'alertmanager'
    | 'dash'
    | 'playbook'
    | 'cluster';
  /**
   * read: nothing was written. mutate: something was. attempted: a write was refused, found all as it was to be, or nobody
   * can tell whether it was taken. A dry run and access reviews are reads; copying into a pod is a change.
   */
  effect: 'read' | 'mutate' | 'attempted';
  /** One line for people: "kubectl delete job report-export -n batch" as far as the requests tell. */
  title: string;
  /** kubectl's own name of the command, "kubectl rollout undo"; other clients do not say. */
  command?: string;
  /** Kubernetes requests it was made of (machinery such as discovery dropped). */
  requests: KubeRequest[];
  /** A PromQL query and the metric names in it. */
  promql?: { query: string; metrics: string[] };
  /** A dashboard that was opened, by uid, and a panel by title if one was named. */
  dashboard?: { uid: string; panel?: string };
}

export interface KubeRequest {
  /** Kubernetes' verb: get, list, watch, create, update, patch, delete, deletecollection, connect. */
  verb: string;
  group: string;
  version: string;
  /** Plural: pods, jobs … */
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** A list or watch over all namespaces. */
  allNamespaces?: boolean;
  labelSelector?: string;
  fieldSelector?: string;
  dryRun?: boolean;
  /** What a write calls itself: "kubectl-edit", "kubectl-scale" … Anybody may say anything here. */
  fieldManager?: string;
  /** HTTP status of the answer; 101 for upgrades, 0 where none came. */
  status: number;
  /**
   * What became of a write that was answered with 5xx, or not at all: the object was read again and differs, or it could
   * not be told.
   */
  outcome?: 'changed' | 'unknown';
  /** Asked by the command in order to do its own work (to find a pod, to read what it writes): nobody looked at it. */
  aside?: true;
  /** Dotted paths a write set or removed, e.g. "spec.parallelism", "spec.template.spec.containers[name=app].image". */
  paths?: string[];
  /** The same with their values, as far as these are short and no secrets. */
  changes?: ValueChange[];
  /** The command of an exec. Never its input or output. */
  command?: string[];
}

/** One field that a write changed. Values are scalars, or JSON cut off; absent: the field was, or is, not there. */
export interface ValueChange {
  path: string;
  from?: string | number | boolean | null;
  to?: string | number | boolean | null;
}

/** A pre-image the recorder keeps before it forwards a write: how restore undoes what the responder did. */
export interface Preimage {
  /** Monotonic per recorder, so that undo goes backwards. */
  sequence: number;
  actionId: string;
  at: number;
  who: string;
  apiVersion: string;
  kind: string;
  resource: string;
  namespace?: string;
  name: string;
  /** UID of the object before the write, or of what a create made; an undo never touches another object of that name. */
  uid?: string;
  /** The object before the write without managedFields; undefined if it did not exist. */
  before?: Record<string, unknown>;
  /**
   * The object as the API server answered the write, without managedFields: a second record with the same
   * sequence. By it restore tells the responder's fields from a stranger's later edits; without it everything
   * that differs from `before` counts as the responder's.
   */
  after?: Record<string, unknown>;
  /** Instead of `after`: the API server refused the write, it changed nothing. */
  refused?: true;
  /** What was asked: create, update, patch, delete. */
  verb: string;
}

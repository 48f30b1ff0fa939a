/**
 * The storage under the API: every object's latest state, one revision counter for all of it, and a bounded
 * history from which watches resume. It knows nothing of kinds.
 */
import type { KubeObject, ResourceName, WatchEvent } from '../api.ts';
import { freeze } from './json.ts';

/** One change: what it was before is kept so that a watch with a selector can tell entering from leaving. */
export interface Change {
  revision: number;
  resource: ResourceName;
  type: WatchEvent['type'];
  object: KubeObject;
  previous?: KubeObject;
}

export type ChangeListener = (change: Change) => void;

export interface Store {
  /** The revision of the last write. */
  readonly revision: number;
  /** Changes up to this revision are gone from the history: a watch from before it is Expired. */
  readonly compacted: number;
  get(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Ordered by namespace and name, as etcd's keys are. */
  list(resource: ResourceName, namespace?: string): KubeObject[];
  /** The list as it was at a revision; undefined if that is compacted. */
  listAt(resource: ResourceName, namespace: string | undefined, revision: number): KubeObject[] | undefined;
  /** Stores a new state, sets its resourceVersion, tells listeners. */
  put(resource: ResourceName, object: KubeObject): KubeObject;
  remove(resource: ResourceName, object: KubeObject): KubeObject;
  /** The changes after a revision, oldest first; undefined if some of them are compacted. */
  since(resource: ResourceName, revision: number): Change[] | undefined;
  /** Calls `listener` for each later change of one resource, in order. Returns stop. */
  listen(resource: ResourceName, listener: ChangeListener): () => void;
  /** As listen, but first calls `existing` for every object. What these calls write is delivered afterwards. */
  follow(
    resource: ResourceName,
    existing: (object: KubeObject) => void,
    listener: ChangeListener,
  ): () => void;
}

/** Without anybody who is told of it, the error of a listener surfaces as uncaught. */
function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function sorted(bucket: ReadonlyMap<string, KubeObject>, namespace: string | undefined): KubeObject[] {
  const prefix = namespace === undefined ? undefined : `${namespace}/`;
  return [...bucket]
    .filter(([key]) => prefix === undefined || key.startsWith(prefix))
    .sort(([a], [b]) => byKey(a, b))
    .map(([, object]) => object);
}

const byKey = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** A server that has run for a while: versions below are too old, as on any real one. */
const firstRevision = 100;

/** How far a watch can look back: so many changes at least, which a shop at rest makes in ten minutes … */
const keptChanges = 1000;
/** … and more where many come at once, until they are so old: real ms, what a real API server keeps them for. */
const keptFor = 75_000;
/** Each holds an object: never more than these. */
const mostChanges = 50_000;

/**
 * `now`: ms of a clock that nobody speeds up, since those who watch are as fast as ever. A listener that throws does not
 * fail the writer nor starve other listeners: `report` is told.
 */
export function createStore(options: { now?: () => number; report?: (error: unknown) => void } = {}): Store {
  const { now = () => performance.now(), report = rethrowLater } = options;
  const call = (listener: ChangeListener, change: Change) => {
    try {
      listener(change);
    } catch (error) {
      report(error);
    }
  };
  const objects = new Map<ResourceName, Map<string, KubeObject>>();
  const listeners = new Map<ResourceName, Set<ChangeListener>>();
  let history: (Change & { at: number })[] = [];
  let revision = firstRevision;
  let compacted = firstRevision;
  const undelivered: Change[] = [];
  let delivering = false;

  const bucket = (resource: ResourceName) => {
    const found = objects.get(resource) ?? new Map<string, KubeObject>();
    objects.set(resource, found);
    return found;
  };
  const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`;

  // A listener may write: its change is delivered after the one at hand, so that all see one order.
  const drain = (first: () => void) => {
    if (delivering) return first();
    delivering = true;
    try {
      first();
      for (let next = undelivered.shift(); next; next = undelivered.shift()) {
        for (const listener of [...(listeners.get(next.resource) ?? [])]) call(listener, next);
      }
    } finally {
      delivering = false;
    }
  };

  const compact = () => {
    const old = now() - keptFor;
    const fresh = history.findIndex(({ at }) => at >= old);
    const dropped = Math.max(
      Math.min(fresh < 0 ? history.length : fresh, history.length - keptChanges),
      history.length - mostChanges,
    );
    if (dropped <= 0) return;
    compacted = history[dropped - 1]!.revision;
    history = history.slice(dropped);
  };

  const record = (change: Change) => {
    history.push({ ...change, at: now() });
    if (history.length > keptChanges && history.length % (keptChanges / 4) === 0) compact();
    drain(() => undelivered.push(change));
  };

  const listen: Store['listen'] = (resource, listener) => {
    // Changes that are not delivered yet are older than this listener: it has seen their outcome.
    const from = revision;
    const later: ChangeListener = (change) => {
      if (change.revision > from) listener(change);
    };
    const set = listeners.get(resource) ?? new Set();
    listeners.set(resource, set);
    set.add(later);
    return () => set.delete(later);
  };

  const list: Store['list'] = (resource, namespace) => {
    return sorted(objects.get(resource) ?? new Map(), namespace);
  };

  return {
    get revision() {
      return revision;
    },
    get compacted() {
      return compacted;
    },
    get: (resource, namespace, name) => objects.get(resource)?.get(keyOf(namespace, name)),
    list,
    listAt(resource, namespace, at) {
      if (at < compacted) return undefined;
      if (at >= revision) return list(resource, namespace);
      const then = new Map(objects.get(resource));
      for (const change of history
        .filter((one) => one.revision > at && one.resource === resource)
        .reverse()) {
        const key = keyOf(change.object.metadata.namespace, change.object.metadata.name);
        if (change.type === 'ADDED') then.delete(key);
        else then.set(key, change.previous!);
      }
      return sorted(then, namespace);
    },
    put(resource, object) {
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const previous = bucket(resource).get(key);
      revision += 1;
      const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
      freeze(stored);
      bucket(resource).set(key, stored);
      record({ revision, resource, type: previous ? 'MODIFIED' : 'ADDED', object: stored, previous });
      return stored;
    },
    remove(resource, object) {
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const previous = bucket(resource).get(key);
      bucket(resource).delete(key);
      revision += 1;
      const last = freeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
      record({ revision, resource, type: 'DELETED', object: last, previous: previous ?? last });
      return last;
    },
    since(resource, from) {
      if (from < compacted) return undefined;
      return history.filter((change) => change.revision > from && change.resource === resource);
    },
    listen,
    follow(resource, existing, listener) {
      const stop = listen(resource, listener);
      drain(() => {
        for (const object of list(resource)) existing(object);
      });
      return stop;
    },
  };
}

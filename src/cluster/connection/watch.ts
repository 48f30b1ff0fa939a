import type { Clock } from '../../clock.ts';
import type { ClusterObject } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';

type Listener = (event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: ClusterObject }) => void;

export interface WatchSource {
  list(): Promise<{ items: ClusterObject[]; resourceVersion: string }>;
  /** Lines of a watch from a resourceVersion on. */
  stream(resourceVersion: string): AsyncIterable<string>;
}

const firstDelayMs = 250;
const maxDelayMs = 10_000;

/**
 * Lists, then watches until the signal aborts. After an error or 410 it lists again, with back-off, and tells the
 * difference: nothing is told twice, what vanished meanwhile is told as DELETED. The first list must succeed.
 */
export async function watchKind(
  source: WatchSource,
  listener: Listener,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, ClusterObject>();
  let delay = 0;
  let resourceVersion: string | undefined;
  let started = false;
  while (!signal.aborted) {
    try {
      if (delay > 0) await clock.sleep(delay, signal);
      if (resourceVersion === undefined) {
        resourceVersion = tellDifference(known, await source.list(), listener);
        started = true;
      }
      for await (const line of source.stream(resourceVersion)) {
        const next = tell(known, line, listener);
        if (next) resourceVersion = next;
        delay = 0;
      }
      // The server ends a watch after its time-out: go on from there, but never in a tight loop.
      delay = Math.max(delay, 1) * 2;
    } catch (error) {
      if (signal.aborted) return;
      if (!started || isFinal(error)) throw error;
      resourceVersion = undefined;
      delay = Math.min(maxDelayMs, Math.max(firstDelayMs, delay * 2));
    }
    delay = Math.min(delay, maxDelayMs);
  }
}

/** Errors that no retry heals. */
function isFinal(error: unknown): boolean {
  return !(error instanceof ClusterError) || error.code === 'forbidden' || error.code === 'not-found';
}

function tellDifference(
  known: Map<string, ClusterObject>,
  { items, resourceVersion }: { items: ClusterObject[]; resourceVersion: string },
  listener: Listener,
): string {
  const before = new Map(known);
  known.clear();
  for (const object of items) {
    const key = keyOf(object);
    const old = before.get(key);
    known.set(key, object);
    before.delete(key);
    if (!old) listener({ type: 'ADDED', object });
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion)
      listener({ type: 'MODIFIED', object });
  }
  for (const object of before.values()) listener({ type: 'DELETED', object });
  return resourceVersion;
}

/** Tells one event; the resourceVersion to go on from. */
function tell(known: Map<string, ClusterObject>, line: string, listener: Listener): string | undefined {
  if (line === '') return undefined;
  const { type, object } = parseEvent(line);
  if (type === 'ERROR') {
    const { code, message } = object as unknown as { code?: number; message?: string };
    throw new ClusterError(code === 410 ? 'gone' : 'server-error', message ?? 'The watch broke off.', {
      status: code,
    });
  }
  const { resourceVersion } = object.metadata;
  if (type === 'BOOKMARK') return resourceVersion;
  if (type === 'DELETED') known.delete(keyOf(object));
  else known.set(keyOf(object), object);
  listener({ type, object });
  return resourceVersion;
}

function parseEvent(line: string): {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: ClusterObject;
} {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ClusterError('server-error', 'The watch sent something that is not JSON.', { cause });
  }
}

/** By UID: a deleted and newly made object of the same name is another one. */
function keyOf({ metadata }: ClusterObject): string {
  return metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Watches: what happened since a version, then each change as it happens (pkg/storage/cacher). */
import type { KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import { apiVersion, type ResourceDefinition, resourceName } from '../../kinds/definition.ts';
import { statusBody } from '../../status.ts';
import type { Change } from '../../store.ts';
import { partialMetadata, tableOf } from '../../table/table.ts';
import type { Call } from '../context.ts';
import { setWarnings } from '../respond.ts';
import { tooLarge } from './list-options.ts';
import { type ListQuery, parseListQuery, selects } from './list-query.ts';
import { includeObject, shown } from './read.ts';

/** Without timeoutSeconds a watch ends after this and a random part more, as on the real server. Seconds. */
const defaultTimeout = 1800;
const longestTimeout = 2_000_000;
const bookmarkInterval = 60_000;

type EventType = Change['type'] | 'BOOKMARK' | 'ERROR';

export function watchObjects(call: Call, definition: ResourceDefinition): void {
  const query = parseListQuery(call, definition);
  const parameters = call.url.searchParams;
  const { store } = call.context.api;
  const resource = resourceName(definition);
  if (Number(query.resourceVersion) > store.revision) throw tooLarge(query.resourceVersion, store.revision);
  const initial = initialEvents(call, query);
  const bookmarks = parameters.get('allowWatchBookmarks') === 'true';
  const writer = openStream(call, definition);
  const namespace = definition.namespaced ? call.info.namespace : undefined;
  const wanted = (object: KubeObject) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    selects(object, query, definition);

  const tell = (change: Change) => {
    const now = wanted(change.object);
    const before = change.previous !== undefined && wanted(change.previous);
    if (change.type === 'DELETED') {
      if (before) writer.event('DELETED', change.object);
    } else if (now) writer.event(before ? 'MODIFIED' : 'ADDED', change.object);
    else if (before) {
      const { resourceVersion } = change.object.metadata;
      const previous = change.previous!;
      writer.event('DELETED', { ...previous, metadata: { ...previous.metadata, resourceVersion } });
    }
  };

  // What cannot be shown ends this watch, not the writer that it hears of.
  const send = (change: Change) => {
    try {
      tell(change);
    } catch (error) {
      call.context.report(error);
      call.response.destroy();
    }
  };

  if (initial.list) {
    for (const object of store.list(resource)) if (wanted(object)) writer.event('ADDED', object);
    // The cache of the real server marks the end of the list also where a watch from "0" takes bookmarks.
    if (bookmarks && (initial.mark || query.resourceVersion === '0')) writer.bookmark(store.revision, true);
  } else {
    const missed = store.since(resource, initial.from);
    if (!missed) {
      writer.fail(
        new ApiError(410, 'Expired', `too old resource version: ${initial.from} (${store.compacted})`),
      );
      return;
    }
    for (const change of missed) send(change);
  }
  const stop = store.listen(resource, send);
  endLater(call, stop, writer, bookmarks);
}

/** Where a watch starts: with all that exists, or after a version. */
function initialEvents(call: Call, query: ListQuery): { list: boolean; mark: boolean; from: number } {
  const version = query.resourceVersion;
  const asked = call.url.searchParams.get('sendInitialEvents');
  if (asked === 'true') return { list: true, mark: true, from: 0 };
  if (version === '' || version === '0') {
    const fromNow = asked === 'false' ? call.context.api.store.revision : 0;
    return { list: asked !== 'false', mark: false, from: fromNow };
  }
  return { list: false, mark: false, from: Number(version) };
}

interface Stream {
  event(type: EventType, object: KubeObject): void;
  bookmark(revision: number, initialEnd?: boolean): void;
  fail(error: ApiError): void;
}

function openStream(call: Call, definition: ResourceDefinition): Stream {
  const { response, accepted } = call;
  const { as } = accepted;
  const include = as === 'Table' ? includeObject(call) : 'Metadata';
  let first = true;
  response.statusCode = 200;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-cache, private');
  setWarnings(call);
  response.flushHeaders();
  response.socket?.setNoDelay(true);

  const write = (type: EventType, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`);
  const present = (object: KubeObject): unknown => {
    if (as === 'PartialObjectMetadata') return partialMetadata(object);
    if (as !== 'Table') return shown(call, object);
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    const now = call.context.clock.now();
    const table = tableOf(definition, [object], metadata, { include, now, withColumns: first });
    first = false;
    return table;
  };
  return {
    event: (type, object) => write(type, present(object)),
    bookmark(revision, initialEnd = false) {
      const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
      const metadata = { resourceVersion: String(revision), ...annotations };
      const { kind } = definition;
      const object = { kind, apiVersion: apiVersion(definition), metadata } as unknown as KubeObject;
      if (as === 'Table') {
        write('BOOKMARK', {
          kind: 'Table',
          apiVersion: 'meta.k8s.io/v1',
          metadata: { resourceVersion: String(revision) },
          columnDefinitions: null,
          rows: [{ cells: null, object: partialMetadata(object) }],
        });
      } else write('BOOKMARK', as === 'PartialObjectMetadata' ? partialMetadata(object) : object);
    },
    fail(error) {
      write('ERROR', statusBody(error));
      response.end();
    },
  };
}

/** One a minute, and in the last two seconds one a second, so that a client resumes from there. */
function sendBookmarks(call: Call, writer: Stream, lifetime: number): () => void {
  const { clock, api } = call.context;
  const send = () => writer.bookmark(api.store.revision);
  const stops = [clock.setInterval(send, bookmarkInterval)];
  for (const before of [2000, 1000, 100]) {
    if (lifetime > before) stops.push(clock.setTimeout(send, lifetime - before));
  }
  return () => {
    for (const stop of stops) stop();
  };
}

function endLater(call: Call, stop: () => void, writer: Stream, bookmarks: boolean): void {
  const { clock, closing } = call.context;
  const asked = Number(call.url.searchParams.get('timeoutSeconds') ?? 0);
  // A timer of more than 2^31 ms would fire at once.
  const seconds = asked > 0 ? Math.min(asked, longestTimeout) : defaultTimeout;
  const stopBookmarks = bookmarks ? sendBookmarks(call, writer, seconds * 1000) : () => {};
  const stopTimer = clock.setTimeout(() => {
    finish();
  }, seconds * 1000);
  const finish = () => {
    stop();
    stopTimer();
    stopBookmarks();
    closing.removeEventListener('abort', finish);
    call.response.end();
  };
  closing.addEventListener('abort', finish);
  call.response.on('close', finish);
}

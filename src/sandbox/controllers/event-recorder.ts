import { type Api, ApiError, type KubeObject, type SandboxClock } from '../api.ts';
import { eventName } from '../event-name.ts';
import { microTimestamp, timestamp } from './time.ts';

export type EventType = 'Normal' | 'Warning';

export interface EventRecorder {
  /** An Event as client-go's recorder writes it; equal ones are counted, similar ones combined. */
  record(component: string, about: KubeObject, type: EventType, reason: string, message: string): void;
  /** An Event of the newer kind (events.k8s.io), as the scheduler writes it: with `action`, without count. */
  recordAction(
    component: string,
    about: KubeObject,
    type: EventType,
    reason: string,
    action: string,
    message: string,
  ): void;
}

/** More events than this that differ in their message only are combined (client-go's EventAggregator). */
const SIMILAR_EVENTS = 10;
const SIMILAR_WINDOW_MS = 600_000;
/** An event of the newer kind that is repeated within this time becomes a series. */
const SERIES_WINDOW_MS = 360_000;
/** Entries kept for recognising repeated events. */
const REMEMBERED = 4096;

interface Similar {
  messages: Set<string>;
  at: number;
}

interface Written {
  namespace: string;
  name: string;
  at: number;
}

/** Events are never allowed to fail their cause: a namespace that is being deleted takes no more of them. */
export function createEventRecorder(api: Api, clock: SandboxClock): EventRecorder {
  const similar = new Map<string, Similar>();
  const written = new Map<string, Written>();

  function aggregated(group: string, message: string): string {
    const now = clock.now();
    let seen = similar.get(group);
    if (!seen || now - seen.at > SIMILAR_WINDOW_MS) seen = { messages: new Set(), at: now };
    seen.at = now;
    seen.messages.add(message);
    remember(similar, group, seen);
    if (seen.messages.size < SIMILAR_EVENTS) return message;
    seen.messages.delete(seen.messages.values().next().value as string);
    return '';
  }

  function write(about: KubeObject, fields: Record<string, unknown>): KubeObject | undefined {
    const namespace = about.metadata.namespace ?? 'default';
    try {
      return api.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName(clock, about.metadata.name), namespace },
        involvedObject: reference(about),
        ...fields,
      });
    } catch (error) {
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  }

  function repeat(key: string, change: (draft: KubeObject) => void): boolean {
    const event = written.get(key);
    if (!event) return false;
    try {
      const updated = api.update('events', event.namespace, event.name, (draft) => {
        change(draft);
        return draft;
      });
      if (updated) event.at = clock.now();
      else written.delete(key);
      return updated !== undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      written.delete(key);
      return false;
    }
  }

  function keep(key: string, event: KubeObject | undefined): void {
    if (!event) return;
    const { namespace = '', name } = event.metadata;
    remember(written, key, { namespace, name, at: clock.now() });
  }

  return {
    record(component, about, type, reason, message) {
      const group = [component, about.metadata.uid, type, reason].join('\n');
      const own = aggregated(group, message);
      const combined = own === '';
      const text = combined ? `(combined from similar events): ${message}` : message;
      const key = combined ? group : `${group}\n${message}`;
      const now = timestamp(clock);
      const counted = repeat(key, (draft) => {
        draft.count = (draft.count ?? 1) + 1;
        draft.lastTimestamp = now;
        draft.message = text;
      });
      if (counted) return;
      const event = write(about, {
        type,
        reason,
        message: text,
        source: { component },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        eventTime: null,
        reportingComponent: component,
        reportingInstance: '',
      });
      keep(key, event);
    },
    recordAction(component, about, type, reason, action, message) {
      const key = [component, about.metadata.uid, type, reason, action, message].join('\n');
      const now = microTimestamp(clock);
      const last = written.get(key);
      if (last && clock.now() - last.at < SERIES_WINDOW_MS) {
        const counted = repeat(key, (draft) => {
          draft.series = { count: (draft.series?.count ?? 1) + 1, lastObservedTime: now };
        });
        if (counted) return;
      }
      const event = write(about, {
        type,
        reason,
        action,
        message,
        eventTime: now,
        reportingComponent: component,
        reportingInstance: `${component}-control-plane`,
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
      });
      keep(key, event);
    },
  };
}

function reference({ apiVersion, kind, metadata }: KubeObject): Record<string, string | undefined> {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind, namespace, name, uid, apiVersion, resourceVersion };
}

function remember<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size > REMEMBERED) entries.delete(entries.keys().next().value as string);
}

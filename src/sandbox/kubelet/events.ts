import { type Api, ApiError, type KubeObject, type SandboxClock } from '../api.ts';
import { eventName } from '../event-name.ts';

export interface KubeletEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** e.g. `spec.containers{app}` */
  fieldPath?: string;
}

const SOURCE = 'kubelet';

/** Writes the kubelet's Events; one that repeats counts up instead, as client-go's recorder does. */
export class EventRecorder {
  private readonly names = new Map<string, string>();

  constructor(
    private readonly api: Api,
    private readonly clock: SandboxClock,
  ) {}

  record(object: KubeObject, node: string, event: KubeletEvent): void {
    const { namespace = 'default', name, uid } = object.metadata;
    const key = JSON.stringify([uid, event]);
    const now = rfc3339(this.clock.now());
    const known = this.names.get(key);
    try {
      const counted =
        known !== undefined &&
        this.api.update('events', namespace, known, (draft) => {
          draft.count = (draft.count ?? 1) + 1;
          draft.lastTimestamp = now;
          return draft;
        });
      if (counted) return;
      const written = eventName(this.clock, name);
      this.api.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: written, namespace },
        involvedObject: {
          kind: object.kind,
          apiVersion: object.apiVersion,
          name,
          uid,
          ...(object.metadata.namespace && { namespace: object.metadata.namespace }),
          ...(object.kind === 'Pod' && { resourceVersion: object.metadata.resourceVersion }),
          ...(event.fieldPath && { fieldPath: event.fieldPath }),
        },
        reason: event.reason,
        message: event.message,
        type: event.type,
        source: { component: SOURCE, host: node },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        eventTime: null,
        reportingComponent: SOURCE,
        reportingInstance: node,
      });
      this.names.set(key, written);
    } catch (error) {
      // An event that cannot be written (its namespace is going) must not stop the pod.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** Forgets what was counted for an object that is gone. */
  forget(uid: string): void {
    for (const key of this.names.keys()) if (key.startsWith(`["${uid}"`)) this.names.delete(key);
  }
}

export function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

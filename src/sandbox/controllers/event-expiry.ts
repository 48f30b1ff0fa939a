import type { KubeObject } from '../api.ts';
import type { ControllerContext } from './context.ts';

/** How long an Event is kept after it was last written, ms at speed 1: what kube-apiserver's --event-ttl is by default. */
const KEPT_FOR_MS = 3_600_000;

const LOOKS_EVERY_MS = 60_000;

/** Deletes Events that are old, so that a sandbox that runs for long neither grows by them nor lists them all. */
export function startEventExpiry({
  api,
  clock,
  speed,
}: Pick<ControllerContext, 'api' | 'clock' | 'speed'>): () => void {
  /** By UID, the one that was written last at the end. */
  const written = new Map<string, { event: KubeObject; at: number }>();
  const stopWatch = api.watch('events', ({ type, object }) => {
    const { uid } = object.metadata;
    written.delete(uid);
    if (type !== 'DELETED') written.set(uid, { event: object, at: clock.now() });
  });
  const stopLooking = clock.setInterval(() => {
    const old = clock.now() - KEPT_FOR_MS / speed;
    for (const [uid, { event, at }] of written) {
      if (at > old) return;
      written.delete(uid);
      const { namespace, name } = event.metadata;
      if (api.get('events', namespace, name)?.metadata.uid === uid)
        api.delete('events', namespace, name, { uid });
    }
  }, LOOKS_EVERY_MS / speed);
  return () => {
    stopWatch();
    stopLooking();
  };
}

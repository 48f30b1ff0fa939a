/** What becomes of volumes without a claim, and keeps volumes and claims that are in use. */
import type { KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Pod } from '../kinds.ts';
import { isTerminal } from '../pod-state.ts';
import { timestamp } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import {
  CLAIMS,
  CLASSES,
  type Claim,
  claimsOf,
  isKeptFor,
  PROVISIONED_BY,
  PROVISIONER,
  VOLUMES,
  type Volume,
} from './volume-types.ts';

const NAME = 'persistentvolume-controller';

/** Also makes the sandbox's own class, once: a class that somebody deleted does not come back. */
export function startReclaimController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  if (api.list(CLASSES).length === 0) createClass(context);
  const volumes = dispatcher.queue('persistentvolume-reclaim', (key) => {
    const volume = api.get(VOLUMES, undefined, splitKey(key).name) as Volume | undefined;
    if (volume) reclaim(context, volume);
  });
  const claims = dispatcher.queue('pvc-protection', (key) => {
    const { namespace, name } = splitKey(key);
    const claim = api.get(CLAIMS, namespace, name);
    if (claim?.metadata.deletionTimestamp && !isUsed(context, claim)) unprotect(context, CLAIMS, claim);
  });
  const stops = [
    api.watch(VOLUMES, ({ type, object }) => {
      if (type !== 'DELETED') volumes.add(keyOf(object));
    }),
    api.watch(CLAIMS, ({ type, object }) => {
      if (type !== 'DELETED') claims.add(keyOf(object));
      else if (object.spec.volumeName) volumes.add(`/${object.spec.volumeName}`);
    }),
    api.watch('pods', ({ object }) => {
      for (const name of claimsOf(object as Pod)) claims.add(`${object.metadata.namespace}/${name}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function createClass({ api }: ControllerContext): void {
  api.create(CLASSES, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'standard',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: PROVISIONER,
    volumeBindingMode: 'WaitForFirstConsumer',
  });
}

function reclaim(context: ControllerContext, volume: Volume): void {
  const { api, clock, events } = context;
  const { metadata, spec, status } = volume;
  const { claimRef } = spec;
  const claim = claimRef && (api.get(CLAIMS, claimRef.namespace, claimRef.name ?? '') as Claim | undefined);
  const isTaken = claim !== undefined && isKeptFor(volume, claim);
  if (metadata.deletionTimestamp) {
    if (!isTaken) unprotect(context, VOLUMES, volume);
    return;
  }
  const enter = (phase: string) => {
    if (status?.phase === phase) return;
    const lastPhaseTransitionTime = timestamp(clock);
    writeStatus(context, [VOLUMES, NAME], volume, { phase, lastPhaseTransitionTime });
  };
  if (!claimRef?.uid) return enter('Available');
  if (isTaken || status?.phase === 'Failed') return;
  enter('Released');
  if (spec.persistentVolumeReclaimPolicy !== 'Delete') return;
  if (metadata.annotations?.[PROVISIONED_BY] === PROVISIONER) {
    api.delete(VOLUMES, undefined, metadata.name, { uid: metadata.uid });
    return;
  }
  enter('Failed');
  const message = `error getting deleter volume plugin for volume "${metadata.name}": no volume plugin matched`;
  events.record(NAME, volume, 'Warning', 'VolumeFailedDelete', message);
}

function isUsed({ api }: ControllerContext, { metadata }: KubeObject): boolean {
  const pods = api.list('pods', { namespace: metadata.namespace }) as readonly Pod[];
  return pods.some((pod) => pod.spec.nodeName && !isTerminal(pod) && claimsOf(pod).includes(metadata.name));
}

const PROTECTIONS: Record<string, string> = {
  [CLAIMS]: 'kubernetes.io/pvc-protection',
  [VOLUMES]: 'kubernetes.io/pv-protection',
};

function unprotect({ api }: ControllerContext, resource: string, { metadata }: KubeObject): void {
  if (!metadata.finalizers?.includes(PROTECTIONS[resource]!)) return;
  api.update(resource, metadata.namespace, metadata.name, (draft) => {
    draft.metadata.finalizers = draft.metadata.finalizers?.filter((one) => one !== PROTECTIONS[resource]);
    return draft;
  });
}

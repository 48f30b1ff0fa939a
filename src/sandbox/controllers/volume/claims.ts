/** Binds claims to volumes, and makes volumes for claims of the sandbox's own class (pkg/controller/volume/persistentvolume). */
import type { KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Node } from '../kinds.ts';
import { timestamp } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import { findVolume } from './match.ts';
import {
  CLAIMS,
  CLASSES,
  type Claim,
  isKeptFor,
  PROVISIONED_BY,
  PROVISIONER,
  SELECTED_NODE,
  VOLUMES,
  type Volume,
} from './volume-types.ts';

const NAME = 'persistentvolume-controller';

export function startClaimController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const queue = dispatcher.queue('persistentvolume-binder', (key) => {
    const { namespace, name } = splitKey(key);
    const claim = api.get(CLAIMS, namespace, name) as Claim | undefined;
    if (claim && !claim.metadata.deletionTimestamp) reconcile(context, claim);
  });
  const retry = () => {
    for (const claim of api.list(CLAIMS)) if (claim.status?.phase === 'Pending') queue.add(keyOf(claim));
  };
  const stops = [
    api.watch(CLAIMS, ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object));
    }),
    api.watch(VOLUMES, ({ type, object }) => {
      const { claimRef } = (object as Volume).spec;
      if (type === 'DELETED' && claimRef?.name) queue.add(`${claimRef.namespace}/${claimRef.name}`);
      else retry();
    }),
    api.watch(CLASSES, retry),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function reconcile(context: ControllerContext, claim: Claim): void {
  const { api, events } = context;
  const { volumeName, storageClassName } = claim.spec;
  if (volumeName) {
    const volume = api.get(VOLUMES, undefined, volumeName) as Volume | undefined;
    if (!volume) lose(context, claim);
    else if (!volume.spec.claimRef || isKeptFor(volume, claim)) bind(context, claim, volume);
    return;
  }
  const storageClass = storageClassName ? api.get(CLASSES, undefined, storageClassName) : undefined;
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !selected) {
    const message = 'waiting for first consumer to be created before binding';
    events.record(NAME, claim, 'Normal', 'WaitForFirstConsumer', message);
    return;
  }
  const node = selected ? (api.get('nodes', undefined, selected) as Node | undefined) : undefined;
  const volume = findVolume(api.list(VOLUMES) as readonly Volume[], claim, node);
  if (volume) bind(context, claim, volume);
  else provision(context, claim, storageClass);
}

function bind(context: ControllerContext, claim: Claim, volume: Volume): void {
  const { api, clock } = context;
  const { namespace, name, uid } = claim.metadata;
  if (volume.spec.claimRef?.uid !== uid) {
    api.update(VOLUMES, undefined, volume.metadata.name, (draft) => {
      draft.spec.claimRef = referenceTo(claim);
      return draft;
    });
  }
  if (volume.status?.phase !== 'Bound') {
    writeStatus(context, [VOLUMES, NAME], volume, {
      phase: 'Bound',
      lastPhaseTransitionTime: timestamp(clock),
    });
  }
  api.update(CLAIMS, namespace, name, (draft) => {
    if (draft.metadata.uid !== uid || draft.spec.volumeName) return undefined;
    draft.spec.volumeName = volume.metadata.name;
    draft.metadata.annotations = {
      ...draft.metadata.annotations,
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    };
    return draft;
  });
  const { accessModes, capacity } = volume.spec;
  writeStatus(context, [CLAIMS, NAME], claim, { phase: 'Bound', accessModes, capacity });
}

function referenceTo({ metadata }: Claim) {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion };
}

function lose(context: ControllerContext, claim: Claim): void {
  if (claim.status?.phase !== 'Bound') return;
  writeStatus(context, [CLAIMS, NAME], claim, { ...claim.status, phase: 'Lost' });
  const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
  context.events.record(NAME, claim, 'Warning', 'ClaimLost', message);
}

/** A volume for the claim, or the Event that says why there is none. */
function provision(context: ControllerContext, claim: Claim, storageClass: KubeObject | undefined): void {
  const { api, events } = context;
  const { metadata, spec } = claim;
  const className = spec.storageClassName;
  if (!className) {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return events.record(NAME, claim, 'Normal', 'FailedBinding', message);
  }
  if (!storageClass) {
    const message = `storageclass.storage.k8s.io "${className}" not found`;
    return events.record(NAME, claim, 'Warning', 'ProvisioningFailed', message);
  }
  if (storageClass.provisioner !== PROVISIONER) {
    const message = `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    return events.record(NAME, claim, 'Normal', 'ExternalProvisioning', message);
  }
  if (spec.volumeMode === 'Block') {
    const message = `failed to provision volume with StorageClass "${className}": block volumes are not supported`;
    return events.record(PROVISIONER, claim, 'Warning', 'ProvisioningFailed', message);
  }
  const name = `pvc-${metadata.uid}`;
  api.create(
    VOLUMES,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { [PROVISIONED_BY]: PROVISIONER } },
      spec: {
        accessModes: spec.accessModes,
        capacity: { storage: spec.resources?.requests?.storage },
        claimRef: referenceTo(claim),
        csi: { driver: PROVISIONER, volumeHandle: name },
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
        storageClassName: className,
        volumeMode: spec.volumeMode,
      },
    },
    PROVISIONER,
  );
  const message = `Successfully provisioned volume ${name}`;
  events.record(PROVISIONER, claim, 'Normal', 'ProvisioningSucceeded', message);
}

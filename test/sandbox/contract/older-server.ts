/** Comparing an older Kubernetes with answers of 1.36: what it cannot have, and what it says otherwise. */
import type { Case } from './cases.ts';
import { getJson, type Target } from './target.ts';

/** Fields that came after 1.20, and descriptions, which are reworded all the time: left out on both sides. */
export const laterFields = new Set([
  ...[
    'allocatedResources',
    'clusterIPs',
    'completedIndexes',
    'completionMode',
    'creationTimestamp',
    'description',
  ],
  ...[
    'features',
    'fieldPath',
    'generation',
    'hostIPs',
    'internalTrafficPolicy',
    'ipFamilies',
    'ipFamilyPolicy',
  ],
  ...['kubernetes.io/description', 'kubernetes.io/metadata.name', 'manualSelector', 'observedGeneration'],
  ...['podIPs', 'podReplacementPolicy', 'ready', 'resources', 'runtimeHandlers', 'selfLink', 'singularName'],
  ...['storageVersionHash', 'suspend', 'terminating', 'terminatingReplicas', 'uncountedTerminatedPods'],
  ...['user', 'volumeMounts'],
]);

/** Group versions that the case asks for and the server does not serve. */
export async function lackedBy(target: Target, { steps }: Case): Promise<string[]> {
  const asked = [
    ...JSON.stringify(steps).matchAll(/"(?:path|serverRelativeURL)":"\/apis\/([a-z0-9.]+\/v[a-z0-9]+)/g),
  ];
  const lacking: string[] = [];
  for (const groupVersion of new Set(asked.map(([, name]) => name!))) {
    const { status } = await getJson(target, `/apis/${groupVersion}`);
    if (status === 404) lacking.push(groupVersion);
  }
  return lacking;
}

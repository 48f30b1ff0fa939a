import type { Cluster } from '../../../src/cluster/cluster.ts';

/** APIs of a current Kubernetes, or installed besides, that games, checks or responders make use of: group version and resource. */
const wanted = [
  ['discovery.k8s.io/v1', 'endpointslices'],
  ['batch/v1', 'cronjobs'],
  ['policy/v1', 'poddisruptionbudgets'],
  ['autoscaling/v2', 'horizontalpodautoscalers'],
  ['metrics.k8s.io/v1beta1', 'pods'],
  ['v1', 'pods/ephemeralcontainers'],
  ['authentication.k8s.io/v1', 'selfsubjectreviews'],
  ['chaos-mesh.org/v1alpha1', 'networkchaos'],
] as const;

const isDefault = 'storageclass.kubernetes.io/is-default-class';

/** Without these the stand's shop has no database. */
export const placeOfDatabase = 'default StorageClass, or no batch/v1 cronjobs';

export const alertmanagerNeeded = 'Service shop/alertmanager';
export const chaosMeshNeeded = 'chaos-mesh.org/v1alpha1 networkchaos';

/** What this cluster does not serve, e.g. `policy/v1 poddisruptionbudgets`, and `placeOfDatabase`. */
export async function lacksOf(cluster: Cluster): Promise<{ version: string; lacks: string[] }> {
  const { gitVersion } = JSON.parse((await cluster.raw('/version')).body) as { gitVersion: string };
  const lacks: string[] = [];
  for (const [groupVersion, resource] of wanted) {
    const root = groupVersion.includes('/') ? '/apis' : '/api';
    const { status, body } = await cluster.raw(`${root}/${groupVersion}`);
    const { resources = [] } = status === 200 ? (JSON.parse(body) as { resources?: { name: string }[] }) : {};
    if (!resources.some(({ name }) => name === resource)) lacks.push(`${groupVersion} ${resource}`);
  }
  const classes = await cluster.list({ kind: 'storageclass', group: 'storage.k8s.io' });
  const hasDefault = classes.some(({ metadata }) => metadata.annotations?.[isDefault] === 'true');
  if (!hasDefault || lacks.includes('batch/v1 cronjobs')) lacks.push(placeOfDatabase);
  const alertmanager = { kind: 'service', namespace: 'shop', name: 'alertmanager' };
  if (!(await cluster.get(alertmanager))) lacks.push(alertmanagerNeeded);
  return { version: gitVersion, lacks };
}

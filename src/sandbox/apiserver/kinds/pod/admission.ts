/** What the default admission plug-ins do to a new Pod: ServiceAccount, DefaultTolerationSeconds. */
import type { V1Toleration } from '@kubernetes/client-node';
import type { KubeObject } from '../../../api.ts';
import { randomSuffix } from '../../names.ts';
import { forbidden } from '../../status.ts';
import type { HookContext } from '../definition.ts';
import { qosClass } from './resources.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

export function admitPod(pod: KubeObject, context: HookContext): void {
  pod.status.qosClass = qosClass(pod.spec);
  admitServiceAccount(pod, context);
  addDefaultTolerations(pod.spec);
  admitRuntime(pod);
}

/** The admission plug-in RuntimeClass: there are no classes here, so none is found. */
function admitRuntime({ metadata, spec }: KubeObject): void {
  const refuse = (why: string) =>
    forbidden({ plural: 'pods', group: '' }, metadata.name, `pod rejected: ${why}`);
  if (spec.runtimeClassName) throw refuse(`RuntimeClass "${spec.runtimeClassName}" not found`);
  if (Object.keys(spec.overhead ?? {}).length > 0) {
    throw refuse('Pod Overhead set without corresponding RuntimeClass defined Overhead');
  }
}

function admitServiceAccount(pod: KubeObject, context: HookContext): void {
  const spec = pod.spec;
  spec.serviceAccountName ||= 'default';
  spec.serviceAccount = spec.serviceAccountName;
  const namespace = pod.metadata.namespace;
  const account = context.get('serviceaccounts', namespace, spec.serviceAccountName);
  if (!account) {
    throw forbidden(
      { plural: 'pods', group: '' },
      pod.metadata.name,
      `error looking up service account ${namespace}/${spec.serviceAccountName}: serviceaccount "${spec.serviceAccountName}" not found`,
    );
  }
  if (account.imagePullSecrets && !spec.imagePullSecrets) spec.imagePullSecrets = account.imagePullSecrets;
  if ((spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) === false) return;
  mountToken(spec, context);
}

interface Mounting {
  name: string;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
}

function mountToken(spec: KubeObject['spec'], context: HookContext): void {
  const containers: Mounting[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const wanting = containers.filter((c) => !c.volumeMounts?.some((mount) => mount.mountPath === mountPath));
  if (wanting.length === 0) return;
  const name = `kube-api-access-${randomSuffix(context.random)}`;
  for (const container of wanting) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
  }
  const volume = {
    name,
    projected: {
      // 3607: the value by which the real server marks tokens that it mounted itself.
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
  spec.volumes = [...(spec.volumes ?? []), volume];
}

/** Also after an update, as the plug-in runs on updates too. */
export function addDefaultTolerations(spec: { tolerations?: V1Toleration[] }): void {
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = (spec.tolerations ?? []).some(
      (t) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect),
    );
    if (tolerated) continue;
    const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
    spec.tolerations = [...(spec.tolerations ?? []), added];
  }
}

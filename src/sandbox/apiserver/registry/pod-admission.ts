/** What the default admission plug-ins do to a new Pod: LimitRanger, ServiceAccount, DefaultTolerationSeconds, Priority. */
import type { KubeObject } from '../../api.ts';
import { setDefaultResources } from '../admission/limit-ranges.ts';
import { randomSuffix } from '../names.ts';
import { forbidden } from '../status.ts';
import type { HookContext } from './definition.ts';
import { qosClass } from './pod-resources.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

export function admitPod(pod: KubeObject, context: HookContext): void {
  setDefaultResources(pod, context);
  pod.status.qosClass = qosClass(pod.spec);
  admitServiceAccount(pod, context);
  addDefaultTolerations(pod.spec);
  admitPriority(pod.spec);
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

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
  tolerationSeconds?: number;
}

/** Also after an update, as the plug-in runs on updates too. */
export function addDefaultTolerations(spec: { tolerations?: Toleration[] }): void {
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = (spec.tolerations ?? []).some(
      (t) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect),
    );
    if (tolerated) continue;
    const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
    spec.tolerations = [...(spec.tolerations ?? []), added];
  }
}

function admitPriority(spec: Record<string, unknown>): void {
  const critical: Record<string, number> = {
    'system-node-critical': 2_000_001_000,
    'system-cluster-critical': 2_000_000_000,
  };
  spec.priority = critical[String(spec.priorityClassName)] ?? 0;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
}

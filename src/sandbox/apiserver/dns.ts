import type { Api } from '../api.ts';
import { editors } from './auth/builtin-roles.ts';

const rbac = 'rbac.authorization.k8s.io';
const place = { name: 'coredns', namespace: 'kube-system' };

/** As kubeadm writes it, but for how often it is read again: every 30 s there. */
const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    loop
    reload 2s 1s
    loadbalance
}
`;

/** The configuration of the cluster's DNS, and the right of those on call to mend it. */
export function createDns(api: Api): void {
  api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: place,
    data: { Corefile: corefile },
  });
  const metadata = { name: 'oncall-dns', namespace: place.namespace };
  api.create(`roles.${rbac}`, {
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    metadata,
    rules: [
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [place.name],
        verbs: ['get', 'update', 'patch'],
      },
    ],
  });
  api.create(`rolebindings.${rbac}`, {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name },
    subjects: [{ apiGroup: rbac, kind: 'Group', name: editors.group }],
  });
}

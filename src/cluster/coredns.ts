/** Where kubeadm, kind, k3s and most providers keep CoreDNS' Corefile: its key is `Corefile`. */
export const corednsRef = { kind: 'configmap', namespace: 'kube-system', name: 'coredns' } as const;

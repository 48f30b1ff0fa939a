/** How misfortune.yaml wants pods of ours. */
export interface OurPodSettings {
  image: string;
  /** What is needed to pull it. */
  imagePullSecrets?: string[];
  /** Of the container. */
  resources?: object;
  tolerations?: object[];
}

/** Image that programs of ours run in where none is configured: stock, nothing of ours is pushed. */
export const stockImage = 'node:20-slim';

/** What the container of such a pod runs. */
export interface OurProgram {
  command: string[];
  env: Record<string, string | number>;
  /** Where none are configured. All four: a quota may demand them. */
  resources: { requests: object; limits: object };
  /** Whose rights it has at the API server; without one it has none. */
  serviceAccount?: string;
  /** A ConfigMap that is mounted at /app. */
  configMap?: string;
  /** It has no end: its ports, and the one at which it takes a connection once it is ready. */
  serves?: { ports: number[]; readyPort: number };
}

/** The spec of a pod that runs a program of ours, to its end unless it serves. It passes Pod Security `restricted`. */
export function ourPodSpec(program: OurProgram, settings: OurPodSettings): Record<string, unknown> {
  const { command, env, serviceAccount, configMap, serves } = program;
  const { image, imagePullSecrets, resources, tolerations } = settings;
  return {
    restartPolicy: serves ? 'Always' : 'Never',
    terminationGracePeriodSeconds: 5,
    ...(serviceAccount === undefined
      ? { automountServiceAccountToken: false }
      : { serviceAccountName: serviceAccount }),
    ...(imagePullSecrets?.length && {
      imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })),
    }),
    ...(tolerations?.length && { tolerations }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'main',
        image,
        command,
        env: Object.entries(env).map(([key, value]) => ({ name: key, value: String(value) })),
        ...(serves && {
          ports: serves.ports.map((containerPort) => ({ containerPort })),
          readinessProbe: { tcpSocket: { port: serves.readyPort }, periodSeconds: 2, timeoutSeconds: 2 },
        }),
        resources: resources ?? program.resources,
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        ...(configMap && { volumeMounts: [{ name: 'program', mountPath: '/app', readOnly: true }] }),
      },
    ],
    ...(configMap && { volumes: [{ name: 'program', configMap: { name: configMap } }] }),
  };
}

/** A mesh's side-car would keep a pod of ours from completing: what batch pods carry to go without one. */
export const withoutSidecar = {
  labels: { 'sidecar.istio.io/inject': 'false' },
  annotations: { 'linkerd.io/inject': 'disabled' },
};

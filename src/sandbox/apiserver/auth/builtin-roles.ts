/** Roles and bindings that a cluster starts with, as far as the sandbox's users need them. */
import type { Rule } from './authorize.ts';

const read = ['get', 'list', 'watch'];
const write = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const everyone: Rule[] = [
  {
    verbs: ['get'],
    nonResourceURLs: [
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/healthz',
      '/livez',
      '/openapi',
      '/openapi/*',
      '/readyz',
      '/version',
      '/version/',
    ],
  },
];

const reviews: Rule[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
];

const networking = { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'] };

const limits = { apiGroups: [''], resources: ['limitranges', 'resourcequotas', 'resourcequotas/status'] };

/** Autoscalers and disruption budgets belong to those who run the workload. */
const scaling: Omit<Rule, 'verbs'>[] = [
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets', 'poddisruptionbudgets/status'] },
];

const view: Rule[] = [
  {
    verbs: read,
    apiGroups: [
      '',
      'apps',
      'batch',
      'discovery.k8s.io',
      'events.k8s.io',
      'coordination.k8s.io',
      'metrics.k8s.io',
    ],
    resources: [
      ...['configmaps', 'endpoints', 'endpointslices', 'events', 'leases', 'namespaces', 'nodes', 'pods'],
      ...['pods/log', 'pods/status', 'services', 'serviceaccounts', 'controllerrevisions', 'deployments'],
      ...[
        'deployments/scale',
        'deployments/status',
        'replicasets',
        'replicasets/scale',
        'replicasets/status',
      ],
      ...['statefulsets', 'statefulsets/scale', 'statefulsets/status', 'daemonsets', 'daemonsets/status'],
      ...['jobs', 'jobs/status', 'cronjobs', 'cronjobs/status'],
    ],
  },
  { verbs: read, ...networking },
  { verbs: read, ...limits },
  ...scaling.map((one) => ({ verbs: read, ...one })),
];

const edit: Rule[] = [
  ...view,
  { verbs: write, ...networking },
  ...scaling.map(({ apiGroups, resources = [] }) => ({
    verbs: write,
    apiGroups,
    resources: resources.slice(0, 1),
  })),
  { verbs: read, apiGroups: [''], resources: ['secrets'] },
  {
    verbs: write,
    apiGroups: ['', 'apps', 'batch', 'events.k8s.io', 'discovery.k8s.io', 'coordination.k8s.io'],
    resources: [
      ...['configmaps', 'endpoints', 'endpointslices', 'events', 'leases', 'pods', 'pods/binding', 'secrets'],
      ...['services', 'serviceaccounts', 'deployments', 'deployments/scale', 'replicasets'],
      ...['replicasets/scale', 'statefulsets', 'statefulsets/scale', 'daemonsets', 'jobs', 'cronjobs'],
    ],
  },
  {
    verbs: ['create', 'get'],
    apiGroups: [''],
    resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'services/proxy'],
  },
  { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction'] },
  { verbs: ['get', 'patch', 'update'], apiGroups: [''], resources: ['pods/ephemeralcontainers'] },
];

/** What a responder may do everywhere: look, and cordon nodes. What runs may be changed outside kube-system. */
const oncall: Rule[] = [
  ...view,
  { verbs: read, apiGroups: ['networking.k8s.io'], resources: ['ingressclasses'] },
  { verbs: ['patch', 'update'], apiGroups: [''], resources: ['nodes'] },
];

export const clusterRoles: Record<string, Rule[]> = {
  admin: edit,
  'cluster-admin': [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ],
  edit,
  oncall,
  'system:basic-user': reviews,
  'system:discovery': everyone,
  'system:public-info-viewer': [
    { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
  ],
  'system:service-account-issuer-discovery': [
    {
      verbs: ['get'],
      nonResourceURLs: [
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ],
    },
  ],
  view,
};

/** Cluster role → groups that have it everywhere. */
export const clusterBindings: Record<string, string[]> = {
  'cluster-admin': ['system:masters'],
  oncall: ['oncall'],
  'system:basic-user': ['system:authenticated'],
  'system:discovery': ['system:authenticated'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
  'system:service-account-issuer-discovery': ['system:serviceaccounts'],
};

/** The group that edits every namespace but the cluster's own. */
export const editors = {
  group: 'oncall',
  role: 'edit',
  except: ['kube-system', 'kube-public', 'kube-node-lease', 'maintenance'],
};

/** Roles and bindings that a cluster starts with, as far as the sandbox's users need them. */
import type { Access } from '../kinds/definition.ts';
import { served } from '../kinds/kinds.ts';
import type { Rule } from './authorize.ts';

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

const view = rulesOf('view');
const edit = [...view, ...rulesOf('edit')];
const oncall = [...view, ...rulesOf('oncall')];

/** What the kinds grant to a role: one rule for the resources of a group with the same verbs. */
function rulesOf(role: keyof Access): Rule[] {
  const rules = new Map<string, Rule>();
  for (const { group, plural, access, subresources = [] } of served) {
    const parts = subresources.map((part) => ({
      name: `${plural}/${part.name}`,
      verbs: part.access?.[role],
    }));
    for (const { name, verbs } of [{ name: plural, verbs: access?.[role] }, ...parts]) {
      if (!verbs) continue;
      const key = [group, ...verbs].join(' ');
      const rule = rules.get(key) ?? { verbs, apiGroups: [group], resources: [] };
      rule.resources = [...(rule.resources ?? []), name];
      rules.set(key, rule);
    }
  }
  return [...rules.values()];
}

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

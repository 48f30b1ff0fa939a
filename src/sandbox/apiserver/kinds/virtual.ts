/** Resources that answer but store nothing: access reviews, token reviews, bindings, metrics. */
import { readable } from './access.ts';
import type { Served } from './definition.ts';

const authorization = { group: 'authorization.k8s.io', version: 'v1', verbs: ['create' as const] };

const authentication = { group: 'authentication.k8s.io', version: 'v1', verbs: ['create' as const] };

const metrics = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  verbs: ['get' as const, 'list' as const],
  access: readable,
};

export const virtualResources: readonly Served[] = [
  {
    group: '',
    version: 'v1',
    kind: 'Binding',
    plural: 'bindings',
    singular: 'binding',
    namespaced: true,
    verbs: ['create'],
  },
  {
    ...authorization,
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
    singular: 'localsubjectaccessreview',
    namespaced: true,
  },
  {
    ...authorization,
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    singular: 'selfsubjectaccessreview',
    namespaced: false,
  },
  {
    ...authorization,
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    singular: 'selfsubjectrulesreview',
    namespaced: false,
  },
  {
    ...authorization,
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    singular: 'subjectaccessreview',
    namespaced: false,
  },
  {
    ...authentication,
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    singular: 'selfsubjectreview',
    namespaced: false,
  },
  {
    ...authentication,
    kind: 'TokenReview',
    plural: 'tokenreviews',
    singular: 'tokenreview',
    namespaced: false,
  },
  { ...metrics, kind: 'NodeMetrics', plural: 'nodes', singular: '', namespaced: false },
  { ...metrics, kind: 'PodMetrics', plural: 'pods', singular: '', namespaced: true },
];

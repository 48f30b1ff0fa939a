import type { KubeObject } from '../../api.ts';
import {
  validateIngress,
  validateIngressClass,
  validateIngressClassUpdate,
} from '../validation/ingresses.ts';
import type { HookContext, ResourceDefinition } from './definition.ts';

/** Kept and shown; without an ingress controller nothing serves them and no address is ever filled in. */
export const ingresses: ResourceDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  model: 'V1Ingress',
  storageVersionHash: '39NQlfNR+bo=',
  hasStatus: true,
  counted: true,
  subresources: [{ name: 'status', kind: 'Ingress', verbs: ['get', 'patch', 'update'] }],
  setDefaults(ingress) {
    ingress.spec ??= {};
  },
  prepareCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  admit: setDefaultClass,
  validate: validateIngress,
};

export const ingressclasses: ResourceDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  model: 'V1IngressClass',
  storageVersionHash: 'l/iqIbDgFyQ=',
  counted: true,
  setDefaults(ingressClass) {
    ingressClass.spec ??= {};
    const { parameters } = ingressClass.spec;
    if (parameters) parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
};

const LEGACY_CLASS = 'kubernetes.io/ingress.class';
const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';

/** The admission plug-in DefaultIngressClass: of several defaults the newest, then the first by name. */
function setDefaultClass(ingress: KubeObject, context: HookContext): void {
  if (
    ingress.spec.ingressClassName !== undefined ||
    ingress.metadata.annotations?.[LEGACY_CLASS] !== undefined
  )
    return;
  const defaults = context
    .list('ingressclasses.networking.k8s.io')
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
    .map(({ metadata }) => metadata)
    .sort((a, b) => b.creationTimestamp.localeCompare(a.creationTimestamp) || a.name.localeCompare(b.name));
  if (defaults[0]) ingress.spec.ingressClassName = defaults[0].name;
}

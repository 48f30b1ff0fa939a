import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn } from '../table/printer.ts';
import { pathName } from '../validation/meta.ts';
import {
  dnsSubdomain,
  domainPrefixedPath,
  forbiddenValue,
  immutable,
  oneOf,
  required,
  tooLong,
} from '../validation/rules.ts';
import { READ } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const ingressclasses: ResourceDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  model: 'V1IngressClass',
  access: { oncall: READ },
  storageVersionHash: 'l/iqIbDgFyQ=',
  counted: true,
  setDefaults(ingressClass) {
    ingressClass.spec ??= {};
    const { parameters } = ingressClass.spec;
    if (parameters) parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  table: {
    columns: [
      nameColumn,
      column('Controller', 'Controller that is responsible for handling this class'),
      column('Parameters', 'A reference to a resource with additional parameters'),
      ageColumn,
    ],
    row: ({ metadata, spec }, now) => {
      const { apiGroup, kind, name } = spec.parameters ?? {};
      const parameters = kind ? `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}` : '<none>';
      return [metadata.name, spec.controller, parameters, age(metadata.creationTimestamp, now)];
    },
  },
};

const LONGEST_CONTROLLER = 250;

function validateIngressClass({ spec }: KubeObject): FieldError[] {
  const controller: string = spec.controller ?? '';
  return [
    ...(controller.length > LONGEST_CONTROLLER ? [tooLong('spec.controller', LONGEST_CONTROLLER)] : []),
    ...domainPrefixedPath('spec.controller', controller),
    ...(spec.parameters ? validateParameters(spec.parameters, 'spec.parameters') : []),
  ];
}

/** Where more is said of a class: an object of the cluster or of one namespace. */
function validateParameters(parameters: KubeObject['spec'], path: string): FieldError[] {
  const { apiGroup, kind, name, scope, namespace } = parameters;
  const outside = '`parameters.namespace` should not be set when `parameters.scope` is set to `Cluster`';
  const inside = '`parameters.scope` is set to `Namespace`';
  return [
    ...(apiGroup === undefined ? [] : dnsSubdomain(`${path}.apiGroup`, apiGroup)),
    ...(kind ? pathName(`${path}.kind`, kind) : [required(`${path}.kind`, 'kind is required')]),
    ...(name ? pathName(`${path}.name`, name) : [required(`${path}.name`, 'name is required')]),
    ...oneOf(`${path}.scope`, scope, ['Cluster', 'Namespace']),
    ...(scope === 'Namespace' && !namespace ? [required(`${path}.namespace`, inside)] : []),
    ...(scope === 'Cluster' && namespace ? [forbiddenValue(`${path}.namespace`, outside)] : []),
  ];
}

/** What serves a class stays. */
function validateIngressClassUpdate({ spec }: KubeObject, old: KubeObject): FieldError[] {
  return spec.controller === old.spec.controller ? [] : [immutable('spec.controller', spec.controller)];
}

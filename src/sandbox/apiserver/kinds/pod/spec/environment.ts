/** Rules of the variables of a container (pkg/apis/core/validation: ValidateEnv). */
import type { FieldError } from '../../../status.ts';
import { dataKeyProblems } from '../../../validation/kept-data.ts';
import { dnsSubdomain, invalidValue, oneOf, required } from '../../../validation/rules.ts';
import { validateResourceRef } from './paths.ts';
import type { Container, EnvVar } from './spec-types.ts';

const variableName = /^[ -<>-~]+$/;
const variableRule =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

const fieldPaths =
  /^(metadata\.(name|namespace|uid|annotations|labels)|metadata\.(annotations|labels)\['.+'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$/;

/** Fields that a variable may have; labels and annotations only one at a time. */
const variableFields = [
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName'],
  ...['status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'],
];

/** Variables of a container, one by one and from whole objects. */
export function validateEnvironment(container: Container, path: string): FieldError[] {
  return [
    ...(container.env ?? []).flatMap((variable, index) =>
      validateVariable(variable, `${path}.env[${index}]`),
    ),
    ...validateEnvFrom(container, `${path}.envFrom`),
  ];
}

function validateVariable({ name, value, valueFrom }: EnvVar, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`));
  else if (!variableName.test(name)) errors.push(invalidValue(`${path}.name`, name, variableRule));
  if (!valueFrom) return errors;
  const sources = Object.keys(valueFrom);
  const at = `${path}.valueFrom`;
  if (sources.length === 0)
    errors.push(
      invalidValue(
        at,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    );
  if (value) errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'));
  else if (sources.length > 1)
    errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
  const fieldPath = valueFrom.fieldRef?.fieldPath;
  if (valueFrom.fieldRef && !fieldPath) errors.push(required(`${at}.fieldRef.fieldPath`));
  else if (fieldPath && !fieldPaths.test(fieldPath)) {
    const why = `error converting fieldPath: field label not supported: ${fieldPath}`;
    errors.push(invalidValue(`${at}.fieldRef.fieldPath`, fieldPath, why));
  } else if (fieldPath && !fieldPath.includes('[')) {
    errors.push(...oneOf(`${at}.fieldRef.fieldPath`, fieldPath, variableFields));
  }
  if (valueFrom.resourceFieldRef)
    errors.push(...validateResourceRef(valueFrom.resourceFieldRef, `${at}.resourceFieldRef`));
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const key = valueFrom[kind]?.key;
    if (valueFrom[kind]) errors.push(...dnsSubdomain(`${at}.${kind}.name`, valueFrom[kind].name ?? ''));
    if (valueFrom[kind] && !key) errors.push(required(`${at}.${kind}.key`));
    else if (key)
      errors.push(...dataKeyProblems(key).map((problem) => invalidValue(`${at}.${kind}.key`, key, problem)));
  }
  return errors;
}

/** The real server names the list, not the item, whose number of sources is wrong. */
function validateEnvFrom({ envFrom = [] }: Container, path: string): FieldError[] {
  return envFrom.flatMap((source, index) => {
    const kinds = (['configMapRef', 'secretRef'] as const).filter((kind) => source[kind]);
    const prefix = source.prefix ?? '';
    const errors = kinds.flatMap((kind) => {
      const field = `${path}[${index}].${kind}.name`;
      const name = source[kind]?.name;
      return name ? dnsSubdomain(field, name) : [required(field)];
    });
    if (prefix && !variableName.test(prefix)) {
      errors.unshift(invalidValue(`${path}[${index}].prefix`, prefix, variableRule));
    }
    if (kinds.length === 0) {
      errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (kinds.length > 1) {
      errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
    }
    return errors;
  });
}

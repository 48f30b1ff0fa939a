/** Rules of CustomResourceDefinitions (apiextensions-apiserver/pkg/apis/apiextensions/validation). */
import type { KubeObject } from '../../../api.ts';
import { compilePath } from '../../custom/json-path.ts';
import type { CrdVersion } from '../../custom/version.ts';
import { same } from '../../json.ts';
import type { FieldError } from '../../status.ts';
import {
  dnsSubdomain,
  duplicate,
  immutable,
  invalidValue,
  labelProblems,
  oneOf,
  required,
} from '../../validation/rules.ts';
import { validateSchema } from './schema.ts';

/** A DNS label that begins with a letter. */
function dnsName(field: string, value: string): FieldError[] {
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(value) && value.length <= 63) return [];
  const why =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
  return [invalidValue(field, value, value.length > 63 ? 'must be no more than 63 characters' : why)];
}

export function validateCrd({ metadata, spec }: KubeObject): FieldError[] {
  const { group = '', names = {}, scope } = spec;
  const versions: CrdVersion[] = spec.versions ?? [];
  const wanted = `${names.plural}.${group}`;
  return [
    ...(metadata.name === wanted
      ? []
      : [invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...validateGroup(group),
    ...(scope ? oneOf('spec.scope', scope, ['Cluster', 'Namespaced']) : [required('spec.scope')]),
    ...validateVersions(versions),
    ...validateNames(names),
    ...oneOf('spec.conversion.strategy', spec.conversion?.strategy, ['None', 'Webhook']).filter(
      () => spec.conversion?.strategy !== undefined,
    ),
    ...(spec.conversion?.strategy === 'Webhook'
      ? [
          invalidValue(
            'spec.conversion.strategy',
            'Webhook',
            'this cluster calls no webhooks: expected None, which changes nothing but the version',
          ),
        ]
      : []),
    ...(spec.preserveUnknownFields
      ? [invalidValue('spec.preserveUnknownFields', true, 'must be false')]
      : []),
  ];
}

function validateGroup(group: string): FieldError[] {
  if (!group) return [required('spec.group')];
  const errors = dnsSubdomain('spec.group', group);
  if (errors.length > 0 || group.includes('.')) return errors;
  return [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

function validateNames(names: KubeObject['spec']): FieldError[] {
  const { plural, singular, kind, listKind, shortNames = [] } = names;
  const field = 'spec.names';
  const kindErrors = (at: string, value: string | undefined) => {
    if (!value) return [required(at)];
    const why = labelProblems(value.toLowerCase());
    return why.map((problem) =>
      invalidValue(at, value, `may have mixed case, but should otherwise match: ${problem}`),
    );
  };
  return [
    ...(plural ? dnsName(`${field}.plural`, plural) : [required(`${field}.plural`)]),
    ...(singular ? dnsName(`${field}.singular`, singular) : []),
    ...kindErrors(`${field}.kind`, kind),
    ...(kind ? kindErrors(`${field}.listKind`, listKind) : []),
    ...(kind && kind === listKind
      ? [invalidValue(`${field}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...(shortNames as string[]).flatMap((name, index) => dnsName(`${field}.shortNames[${index}]`, name)),
  ];
}

function validateVersions(versions: CrdVersion[]): FieldError[] {
  const field = 'spec.versions';
  const names = versions.map(({ name }) => name);
  const stored = versions.filter(({ storage }) => storage).length;
  const only = 'must have exactly one version marked as storage version';
  return [
    ...(stored === 1 ? [] : [invalidValue(field, names, only)]),
    ...versions.flatMap((version, index) => {
      const at = `${field}[${index}]`;
      return [
        ...dnsName(`${at}.name`, version.name),
        ...(names.indexOf(version.name) < index ? [duplicate(`${at}.name`, version.name)] : []),
        ...validateSchema(version.schema?.openAPIV3Schema, `${at}.schema.openAPIV3Schema`),
        ...validateScale(version, `${at}.subresources.scale`),
        ...validateColumns(version, `${at}.additionalPrinterColumns`),
      ];
    }),
  ];
}

function validateScale({ subresources }: CrdVersion, field: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const path = (name: keyof typeof scale, parents: string[], isNeeded: boolean) => {
    const text = scale[name] ?? '';
    if (!text) return isNeeded ? [required(`${field}.${name}`)] : [];
    const under = parents.some((parent) => text.startsWith(`.${parent}.`));
    const why = `should be a json path under .${parents.join(' or .')}`;
    return under && !text.includes('[') ? [] : [invalidValue(`${field}.${name}`, text, why)];
  };
  return [
    ...path('specReplicasPath', ['spec'], true),
    ...path('statusReplicasPath', ['status'], true),
    ...path('labelSelectorPath', ['status', 'spec'], false),
  ];
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

function validateColumns(
  { additionalPrinterColumns: columns = [] }: CrdVersion,
  field: string,
): FieldError[] {
  return columns.flatMap(({ name, type, jsonPath }, index) => {
    const at = `${field}[${index}]`;
    return [
      ...(name ? [] : [required(`${at}.name`)]),
      ...(type ? oneOf(`${at}.type`, type, columnTypes) : [required(`${at}.type`)]),
      ...(jsonPath ? pathErrors(`${at}.jsonPath`, jsonPath) : [required(`${at}.JSONPath`)]),
    ];
  });
}

function pathErrors(field: string, path: string): FieldError[] {
  try {
    compilePath(path);
    return [];
  } catch (error) {
    return [invalidValue(field, path, (error as Error).message)];
  }
}

/** What its stored objects depend on stays. */
export function validateCrdUpdate(
  { spec, status }: KubeObject,
  { spec: old, status: was }: KubeObject,
): FieldError[] {
  const isEstablished = (was?.conditions ?? []).some(
    (one: { type: string; status: string }) => one.type === 'Established' && one.status === 'True',
  );
  const errors: FieldError[] = [];
  const fix = (field: string, now: unknown, before: unknown) => {
    if (!same(now, before)) errors.push(immutable(field, now ?? null));
  };
  fix('spec.group', spec.group, old.group);
  fix('spec.names.plural', spec.names.plural, old.names.plural);
  if (isEstablished) {
    fix('spec.scope', spec.scope, old.scope);
    fix('spec.names.kind', spec.names.kind, old.names.kind);
  }
  const stored: string[] = status?.storedVersions ?? [];
  const lost = stored.find((name) => !spec.versions.some((version: CrdVersion) => version.name === name));
  if (lost) {
    const index = stored.indexOf(lost);
    const why = 'missing from spec.versions; must be removed from status.storedVersions first';
    errors.push(invalidValue(`status.storedVersions[${index}]`, lost, why));
  }
  return errors;
}

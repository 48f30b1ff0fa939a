/** OpenAPI paths of a group version: as much as clients look at, which is verbs, kinds and parameters. */
import type { Served } from '../http/versions.ts';
import { allVerbs } from '../http/versions.ts';
import { apiVersion, resourceName } from '../registry/definition.ts';
import { definitionOf } from '../registry/index.ts';
import { schemaName } from './schemas.ts';

type Operation = Record<string, unknown>;

const query = (name: string, type = 'string') => ({ name, in: 'query', schema: { type, uniqueItems: true } });

const writing = [query('dryRun'), query('fieldManager'), query('fieldValidation')];
const listing = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue'),
  query('fieldSelector'),
  query('labelSelector'),
  query('limit', 'integer'),
  query('resourceVersion'),
  query('resourceVersionMatch'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
];

const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** Path → its operations. */
export function pathsOf(resources: readonly Served[]): Record<string, Record<string, unknown>> {
  const result: Record<string, Record<string, unknown>> = {};
  for (const resource of resources) {
    const root = `/${resource.group ? 'apis' : 'api'}/${apiVersion(resource)}`;
    const place = resource.namespaced
      ? `${root}/namespaces/{namespace}/${resource.plural}`
      : `${root}/${resource.plural}`;
    const verbs: readonly string[] = resource.verbs ?? allVerbs;
    result[place] = operations(resource, verbs, { list: 'get', create: 'post', deletecollection: 'delete' });
    result[`${place}/{name}`] = operations(resource, verbs, {
      get: 'get',
      update: 'put',
      patch: 'patch',
      delete: 'delete',
    });
    if (resource.namespaced && verbs.includes('list')) {
      result[`${root}/${resource.plural}`] = operations(resource, verbs, { list: 'get' });
    }
  }
  return Object.fromEntries(
    Object.entries(result)
      .filter(([, methods]) => Object.keys(methods).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function operations(resource: Served, verbs: readonly string[], methods: Record<string, string>): Operation {
  const result: Operation = {};
  for (const [verb, method] of Object.entries(methods)) {
    if (verbs.includes(verb)) result[method] = operation(resource, verb);
  }
  return result;
}

const actions: Record<string, string> = { create: 'post', update: 'put' };

function operation(resource: Served, verb: string): Operation {
  const { group, version, kind } = resource;
  const model = definitionOf(resourceName(resource))?.model;
  const schema = model ? { $ref: `#/components/schemas/${schemaName(model)}` } : { type: 'object' };
  const isWrite = ['create', 'update', 'patch'].includes(verb);
  const force = verb === 'patch' ? [query('force', 'boolean')] : [];
  return {
    operationId: `${verb}${kind}`,
    parameters: isWrite ? [...writing, ...force] : verb === 'list' ? listing : [],
    ...(isWrite
      ? { requestBody: { content: content(verb === 'patch' ? patchTypes : ['*/*'], schema) } }
      : {}),
    responses: { 200: { description: 'OK', content: content(['application/json'], schema) } },
    'x-kubernetes-action': actions[verb] ?? verb,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function content(types: string[], schema: Operation): Operation {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

/** OpenAPI paths of a group version: as much as clients look at, which is verbs, kinds and parameters. */
import type { Kinds } from '../custom/kinds.ts';
import { apiVersion, resourceName, type Served } from '../kinds/definition.ts';
import { allVerbs } from '../kinds/versions.ts';
import { customName, isCustom } from './custom.ts';
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
export function pathsOf(kinds: Kinds, resources: readonly Served[]): Record<string, Record<string, unknown>> {
  const result: Record<string, Record<string, unknown>> = {};
  for (const resource of resources) {
    const root = `/${resource.group ? 'apis' : 'api'}/${apiVersion(resource)}`;
    const place = resource.namespaced
      ? `${root}/namespaces/{namespace}/${resource.plural}`
      : `${root}/${resource.plural}`;
    const verbs: readonly string[] = resource.verbs ?? allVerbs;
    result[place] = operations(kinds, resource, verbs, {
      list: 'get',
      create: 'post',
      deletecollection: 'delete',
    });
    result[`${place}/{name}`] = operations(kinds, resource, verbs, {
      get: 'get',
      update: 'put',
      patch: 'patch',
      delete: 'delete',
    });
    if (resource.namespaced && verbs.includes('list')) {
      result[`${root}/${resource.plural}`] = operations(kinds, resource, verbs, { list: 'get' });
    }
  }
  return Object.fromEntries(
    Object.entries(result)
      .filter(([, methods]) => Object.keys(methods).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function operations(
  kinds: Kinds,
  resource: Served,
  verbs: readonly string[],
  methods: Record<string, string>,
): Operation {
  const result: Operation = {};
  for (const [verb, method] of Object.entries(methods)) {
    if (verbs.includes(verb)) result[method] = operation(kinds, resource, verb);
  }
  return result;
}

const actions: Record<string, string> = { create: 'post', update: 'put' };

function operation(kinds: Kinds, resource: Served, verb: string): Operation {
  const { group, version, kind } = resource;
  const name = isCustom(resource) ? customName(resource) : kinds.definitionOf(resourceName(resource))?.model;
  const schema = name
    ? { $ref: `#/components/schemas/${isCustom(resource) ? name : schemaName(name)}` }
    : { type: 'object' };
  const isWrite = ['create', 'update', 'patch'].includes(verb);
  const force = verb === 'patch' ? [query('force', 'boolean')] : [];
  return {
    operationId: `${verb}${kind}`,
    parameters: isWrite ? [...writing, ...force] : verb === 'list' ? listing : [],
    ...(isWrite
      ? {
          requestBody: {
            content: content(
              verb === 'patch' ? patchTypes.slice(0, isCustom(resource) ? 3 : 4) : ['*/*'],
              schema,
            ),
          },
        }
      : {}),
    responses: { 200: { description: 'OK', content: content(['application/json'], schema) } },
    'x-kubernetes-action': actions[verb] ?? verb,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function content(types: string[], schema: Operation): Operation {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

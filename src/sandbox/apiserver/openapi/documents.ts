/** The OpenAPI v3 documents: one per group version, made when first asked for. */
import { createHash } from 'node:crypto';
import type { Kinds } from '../custom/kinds.ts';
import { resourceName } from '../kinds/definition.ts';
import { customSchemas, isCustom } from './custom.ts';
import { pathsOf } from './paths.ts';
import { schemasOf } from './schemas.ts';

/** By the kinds that a server has: those of a server without custom ones are the same all its life. */
const texts = new WeakMap<Kinds, Map<string, string>>();

/** `api/v1`, `apis/apps`, `apis/apps/v1`, `version` … */
function names({ groupVersions }: Kinds): string[] {
  const found = ['api', 'apis', 'version'];
  for (const { group, version } of groupVersions) {
    if (group) found.push(`apis/${group}`, `apis/${group}/${version}`);
    else found.push(`api/${version}`);
  }
  return [...new Set(found)].sort();
}

/** The document as JSON text; undefined for a name that the server does not have. */
export function openApiDocument(kinds: Kinds, name: string): string | undefined {
  if (!names(kinds).includes(name)) return undefined;
  const own = texts.get(kinds) ?? new Map<string, string>();
  texts.set(kinds, own);
  const known = own.get(name);
  if (known) return known;
  const text = JSON.stringify(build(kinds, name));
  own.set(name, text);
  return text;
}

function build(kinds: Kinds, name: string): unknown {
  const found = kinds.groupVersions.find(({ group, version }) =>
    group ? name === `apis/${group}/${version}` : name === `api/${version}`,
  );
  const resources = found?.resources ?? [];
  const custom = resources.filter(isCustom);
  const models = resources
    .filter((resource) => !isCustom(resource))
    .flatMap((resource) => kinds.definitionOf(resourceName(resource))?.model ?? []);
  const schemas = { ...schemasOf(models), ...customSchemas(custom) };
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: found ? pathsOf(kinds, resources) : { [`/${name}/`]: {} },
    ...(models.length + custom.length > 0 ? { components: { schemas } } : {}),
  };
}

/** The list of documents; the hash in an address lets clients keep the document for ever. */
export function openApiIndex(kinds: Kinds): unknown {
  const paths: Record<string, unknown> = {};
  for (const name of names(kinds)) {
    const hash = createHash('sha512').update(openApiDocument(kinds, name)!).digest('hex').toUpperCase();
    paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` };
  }
  return { paths };
}

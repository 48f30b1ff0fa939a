/** The OpenAPI v3 documents: one per group version, made when first asked for. */
import { createHash } from 'node:crypto';
import { groupVersions } from '../http/versions.ts';
import { resourceName } from '../registry/definition.ts';
import { definitionOf } from '../registry/index.ts';
import { pathsOf } from './paths.ts';
import { schemasOf } from './schemas.ts';

const texts = new Map<string, string>();

/** `api/v1`, `apis/apps`, `apis/apps/v1`, `version` … */
function names(): string[] {
  const found = ['api', 'apis', 'version'];
  for (const { group, version } of groupVersions) {
    if (group) found.push(`apis/${group}`, `apis/${group}/${version}`);
    else found.push(`api/${version}`);
  }
  return [...new Set(found)].sort();
}

/** The document as JSON text; undefined for a name that the server does not have. */
export function openApiDocument(name: string): string | undefined {
  if (!names().includes(name)) return undefined;
  const known = texts.get(name);
  if (known) return known;
  const text = JSON.stringify(build(name));
  texts.set(name, text);
  return text;
}

function build(name: string): unknown {
  const found = groupVersions.find(({ group, version }) =>
    group ? name === `apis/${group}/${version}` : name === `api/${version}`,
  );
  const resources = found?.resources ?? [];
  const models = resources.flatMap((resource) => definitionOf(resourceName(resource))?.model ?? []);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: found ? pathsOf(resources) : { [`/${name}/`]: {} },
    ...(models.length > 0 ? { components: { schemas: schemasOf(models) } } : {}),
  };
}

/** The list of documents; the hash in an address lets clients keep the document for ever. */
export function openApiIndex(): unknown {
  const paths: Record<string, unknown> = {};
  for (const name of names()) {
    const hash = createHash('sha512').update(openApiDocument(name)!).digest('hex').toUpperCase();
    paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` };
  }
  return { paths };
}

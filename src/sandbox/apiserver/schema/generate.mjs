// Writes models.json: the fields of every kind the API server has, taken from the generated models of
// @kubernetes/client-node (types and formats from their attribute maps, descriptions and what is required
// from their declarations). `--check` only says whether the file is up to date (exit code 1: it is not).

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const models = join(dirname(require.resolve('@kubernetes/client-node')), 'gen', 'models');

/** The kinds served, as their files name them, and what is beside them: reviews and the bodies of subresources. */
const kinds = join(here, '..', 'kinds');
const roots = [
  ...readdirSync(kinds, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(kinds, file), 'utf8').matchAll(/\bmodel: '(\w+)'/g)])
    .map(([, model]) => model),
  ...['V1Binding', 'V1Scale', 'V1Eviction', 'AuthenticationV1TokenRequest', 'V1TokenReview'],
  ...['V1SelfSubjectReview', 'V1SubjectAccessReview', 'V1LocalSubjectAccessReview'],
  ...['V1SelfSubjectAccessReview', 'V1SelfSubjectRulesReview', 'V1DeleteOptions', 'V1Status', 'V1ListMeta'],
];

/** Name → `{ type, required?, description? }` of each field, from a declaration file. */
function declared(text) {
  const fields = new Map();
  const pattern = /(?:\/\*\*\s*((?:(?!\*\/)[\s\S])*?)\s*\*\/\s*)?'([^']+)'(\?)?: ([^;]*(?:\{[^}]*\})?);/g;
  for (const [, comment, name, optional] of text.matchAll(pattern)) {
    fields.set(name, { required: !optional, description: comment && prose(comment) });
  }
  return fields;
}

const prose = (comment) =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    // The generator of the client folds paragraphs into one line with two spaces between them.
    .replace(/ {2}(?=Populated by the system)/g, '\n\n')
    .replaceAll("\\'", "'")
    .replaceAll('\\"', '"')
    .trim();

async function read(name) {
  const module = await import(pathToFileURL(join(models, `${name}.js`)).href);
  const text = readFileSync(join(models, `${name}.d.ts`), 'utf8');
  const about = /\/\*\*\n((?:(?!\*\/)[\s\S])*?)\*\/\nexport declare class/.exec(text)?.[1];
  const body = text.slice(text.indexOf('export declare class'));
  const known = declared(body.replace(/^export declare class \w+ \{/, ''));
  const fields = {};
  for (const { baseName, type, format } of module[name].attributeTypeMap) {
    const { required = false, description = '' } = known.get(baseName) ?? {};
    fields[baseName] = {
      type,
      ...(format ? { format } : {}),
      ...(required ? { required } : {}),
      ...(description ? { description } : {}),
    };
  }
  return { description: about ? prose(about) : '', fields };
}

/** Fields that the served version (1.36) has and the generated client does not know yet. */
const newer = {
  V1PodStatus: {
    allocatedResources: {
      type: '{ [key: string]: string; }',
      description:
        'AllocatedResources is the total requests allocated for this pod by the node. Pod-level requests are defined as the sum of resource requests across all containers if they are not set.',
    },
    resources: {
      type: 'V1ResourceRequirements',
      description:
        'Resources represents the compute resource requests and limits that have been applied at the pod level if pod-level requests or limits are set in PodSpec.Resources',
    },
  },
};

const result = {};
const waiting = [...roots];
while (waiting.length > 0) {
  const name = waiting.pop();
  if (result[name]) continue;
  result[name] = await read(name);
  Object.assign(result[name].fields, newer[name]);
  for (const { type } of Object.values(result[name].fields)) {
    for (const reference of type.match(/[A-Z]\w+/g) ?? []) {
      const own = reference !== 'IntOrString' && reference !== 'V1MicroTime' && reference !== 'Date';
      if (own && existsSync(join(models, `${reference}.js`))) waiting.push(reference);
    }
  }
}

const sorted = Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
const text = `${JSON.stringify(sorted, null, 2)}\n`;
const target = join(here, 'models.json');
if (process.argv.includes('--check')) {
  const current = existsSync(target) ? JSON.stringify(JSON.parse(readFileSync(target, 'utf8'))) : '';
  process.exit(current === JSON.stringify(sorted) ? 0 : 1);
}
writeFileSync(target, text);

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ObjectSource } from '../../../playbook/lint-objects.ts';
import { kindFits } from '../../../playbook/match.ts';

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** Objects of manifests. Of a kind that they have none of in a namespace nothing is said: it may be made later. */
export function manifestObjects(folder: string): ObjectSource {
  const manifests = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /\.ya?ml$/.test(name))
        .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
        .flatMap((document) => (document.toJS() as Manifest | null) ?? [])
    : [];
  return {
    name: 'The stack of the shop',
    names: async ({ kind, group, namespace }) => {
      const found = manifests.filter(
        (one) => one.metadata.namespace === namespace && isKind(group ? `${kind}.${group}` : kind, one),
      );
      return found.length > 0 ? found.map(({ metadata }) => metadata.name) : undefined;
    },
  };
}

function isKind(word: string, { kind, apiVersion }: Manifest): boolean {
  const singular = kind.toLowerCase();
  const plurals = [`${singular}s`, `${singular}es`, singular.replace(/y$/, 'ies')];
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
  return plurals.some((resource) => kindFits(word, { resource, group }));
}

import type { PermissionNeed } from '../cluster/cluster.ts';
import type { Path } from '../document/document.ts';
import type { Check } from './grammar.ts';
import type { CheckKind, Reference } from './kind.ts';
import { kinds } from './kinds/kinds.ts';

/** A check that combines no others: the kind that its key names, and its mapping at its path. */
export interface Leaf {
  key: string;
  kind: CheckKind<unknown>;
  spec: unknown;
  path: Path;
}

/** The check itself as a leaf; undefined if it combines others. */
export function leafOf(check: Check, path: Path = []): Leaf | undefined {
  for (const [key, kind] of Object.entries(kinds)) {
    const spec = check[key as keyof typeof kinds];
    if (spec !== undefined) return { key, kind, spec, path: [...path, key] };
  }
  return undefined;
}

/** All leaves of a check, itself or those that it combines. */
export function leavesOf(check: Check, path: Path = []): Leaf[] {
  const { all = [], any = [], not } = check;
  return [
    ...all.flatMap((one, index) => leavesOf(one, [...path, 'all', index])),
    ...any.flatMap((one, index) => leavesOf(one, [...path, 'any', index])),
    ...(not ? leavesOf(not, [...path, 'not']) : []),
    ...[leafOf(check, path)].filter((leaf) => leaf !== undefined),
  ];
}

/** What evaluating a check asks of RBAC. */
export function checkNeeds(check: Check): PermissionNeed[] {
  return leavesOf(check).flatMap(({ kind, spec }) => kind.permissions(spec));
}

/** What a check names and has to be there; `path`: where the check stands in its document. */
export function checkReferences(check: Check, path: Path = []): Reference[] {
  return leavesOf(check, path).flatMap((leaf) =>
    leaf.kind.references(leaf.spec).map((one) => ({ ...one, path: [...leaf.path, ...one.path] })),
  );
}

/** Objects as a Table, the form `kubectl get` asks for. */
import type { KubeObject } from '../../api.ts';
import { ageColumn, created, nameColumn, type Printer } from './printer.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  include: IncludeObject;
  /** Wall time, ms. */
  now: number;
  /** False in a watch after its first event. */
  withColumns?: boolean;
  /** How an object is written in the version asked for. */
  present?(object: KubeObject): KubeObject;
}

/** `metadata` is the list's, or of a single object its resourceVersion. */
export function tableOf(
  { table: printer = plain }: { table?: Printer },
  objects: readonly KubeObject[],
  metadata: Record<string, unknown>,
  { include, now, withColumns = true, present = (object) => object }: TableOptions,
): Record<string, unknown> {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns ? printer.columns : null,
    rows: objects.map((object) => ({
      cells: printer.row(object, now),
      object: include === 'None' ? null : include === 'Object' ? present(object) : partialMetadata(object),
    })),
  };
}

export function partialMetadata(object: KubeObject): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** For a kind without columns of its own. */
const plain: Printer = {
  columns: [nameColumn, ageColumn],
  row: (object, now) => [object.metadata.name, created(object, now)],
};

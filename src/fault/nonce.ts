import type { Random } from '../clock.ts';
import type { ClusterObject } from '../cluster/cluster.ts';
import { nonceAnnotation } from './operation.ts';

/** 64 hex digits, as a checksum has. */
export function newNonce(random: Random): string {
  return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** The manifest with the nonce by which it is recognised. */
export function withNonce(object: ClusterObject, nonce: string): ClusterObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [nonceAnnotation]: nonce } },
  };
}

export function nonceOf(object: { metadata: ClusterObject['metadata'] }): string | undefined {
  return object.metadata.annotations?.[nonceAnnotation];
}

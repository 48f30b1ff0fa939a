import { randomBytes } from 'node:crypto';
import type { ClusterObject } from '../../cluster/cluster.ts';
import { nonceAnnotation } from '../operation.ts';

/** 64 hex digits, as a checksum has. Never from the game's seed: two games must not share one. */
export function newNonce(): string {
  return randomBytes(32).toString('hex');
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

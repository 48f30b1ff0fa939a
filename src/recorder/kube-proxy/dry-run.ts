import { envelopeOf, field } from './protobuf.ts';
import type { ParsedRequest } from './request.ts';

/**
 * Whether a write is a dry run by what its body says: a DELETE and an eviction carry it in their DeleteOptions, where all
 * other writes have it in the query. JSON and protobuf (DeleteOptions: 5 dryRun; Eviction: 2 deleteOptions).
 */
export function asksForDryRun({ verb, subresource }: ParsedRequest, body: Buffer): boolean {
  const isEviction = subresource === 'eviction';
  if (!isEviction && verb !== 'delete' && verb !== 'deletecollection') return false;
  try {
    const envelope = envelopeOf(body);
    if (envelope) {
      const object = field(envelope, 2);
      return field(isEviction ? field(object, 2) : object, 5).toString('utf8') === 'All';
    }
    const asked = JSON.parse(body.toString('utf8')) as DeleteOptions & { deleteOptions?: DeleteOptions };
    const { dryRun } = (isEviction ? asked.deleteOptions : asked) ?? {};
    return Array.isArray(dryRun) && dryRun.includes('All');
  } catch {
    // No body, or one that the API server will refuse.
    return false;
  }
}

interface DeleteOptions {
  dryRun?: unknown;
}

import { envelopeOf, field } from './protobuf.ts';

/** What the body of a create says about the object that it asks for; empty texts where it does not say. */
export interface CreatedObject {
  kind: string;
  name: string;
}

/** Reads JSON, and protobuf as `kubectl create deployment` sends it; undefined for anything else. */
export function readCreatedObject(body: Buffer): CreatedObject | undefined {
  try {
    const envelope = envelopeOf(body);
    return envelope ? fromProtobuf(envelope) : fromJson(body);
  } catch {
    return undefined;
  }
}

function fromJson(body: Buffer): CreatedObject {
  const { kind, metadata } = JSON.parse(body.toString('utf8')) as {
    kind?: string;
    metadata?: { name?: string };
  };
  return { kind: kind ?? '', name: metadata?.name ?? '' };
}

/**
 * An envelope around an object whose field 1 is its ObjectMeta. In the
 * type, 2 is the kind; in the metadata, 1 is the name.
 */
function fromProtobuf(envelope: Buffer): CreatedObject {
  const type = field(envelope, 1);
  const metadata = field(field(envelope, 2), 1);
  return { kind: field(type, 2).toString('utf8'), name: field(metadata, 1).toString('utf8') };
}

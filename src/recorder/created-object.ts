/** What the body of a create says about the object that it asks for; empty texts where it does not say. */
export interface CreatedObject {
  kind: string;
  name: string;
}

/** Kubernetes' magic number before an object in protobuf ("Alternate representations of resources"). */
const magic = Buffer.from('k8s\0', 'latin1');

/** Reads JSON, and protobuf as `kubectl create deployment` sends it; undefined for anything else. */
export function readCreatedObject(body: Buffer): CreatedObject | undefined {
  try {
    return body.subarray(0, magic.length).equals(magic)
      ? fromProtobuf(body.subarray(magic.length))
      : fromJson(body);
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
 * An envelope (apimachinery's runtime.Unknown: 1 type, 2 object) around an object whose field 1 is its ObjectMeta. In the
 * type, 2 is the kind; in the metadata, 1 is the name.
 */
function fromProtobuf(envelope: Buffer): CreatedObject {
  const type = field(envelope, 1);
  const metadata = field(field(envelope, 2), 1);
  return { kind: field(type, 2).toString('utf8'), name: field(metadata, 1).toString('utf8') };
}

/** The first length-delimited field of that number; empty if there is none. Throws RangeError for what is cut off. */
function field(message: Buffer, number: number): Buffer {
  let at = 0;
  const varint = (): number => {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag % 8;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      if (Math.floor(tag / 8) === number) return message.subarray(at, at + length);
      at += length;
    } else throw new RangeError(`Expected a protobuf wire type of 0, 1, 2 or 5, got ${wire}.`);
  }
  return Buffer.alloc(0);
}

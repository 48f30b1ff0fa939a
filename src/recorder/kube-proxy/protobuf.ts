/** Kubernetes' magic number before an object in protobuf ("Alternate representations of resources"). */
const magic = Buffer.from('k8s\0', 'latin1');

/** The envelope of an object in protobuf (apimachinery's runtime.Unknown: 1 type, 2 object); undefined for other bodies. */
export function envelopeOf(body: Buffer): Buffer | undefined {
  return body.subarray(0, magic.length).equals(magic) ? body.subarray(magic.length) : undefined;
}

/** The first length-delimited field of that number; empty if there is none. Throws RangeError for what is cut off. */
export function field(message: Buffer, number: number): Buffer {
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

/** The wire format of protocol buffers: a message as its numbered fields. */

export type WireValue = bigint | Buffer;

/** Throws RangeError if the bytes end in the middle of a field. */
export function* readFields(bytes: Buffer): Generator<[number: number, value: WireValue]> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new RangeError('a number does not end');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length) throw new RangeError('a field ends behind the message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    if (wire === 0) yield [tag >>> 3, varint()];
    else if (wire === 2) yield [tag >>> 3, take(Number(varint()))];
    else if (wire === 1) yield [tag >>> 3, take(8)];
    else if (wire === 5) yield [tag >>> 3, take(4)];
    else throw new RangeError(`wire type ${wire} is not used`);
  }
}

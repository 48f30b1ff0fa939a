/** The wire format of protocol buffers: a message as its numbered fields. */

export type WireValue = bigint | Buffer;

/** Bytes that are no message, or not of the type that was expected. */
export class MessageError extends Error {}

/** Throws MessageError if the bytes end in the middle of a field. */
export function* readFields(bytes: Buffer): Generator<[number: number, value: WireValue]> {
  let at = 0;
  const varint = (): bigint => {
    const [value, next] = readVarint(bytes, at);
    at = next;
    return value;
  };
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length) throw new MessageError('unexpected EOF');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number < 1) throw new MessageError(`proto: illegal tag ${number} (wire type ${wire})`);
    if (wire === 0) yield [number, varint()];
    else if (wire === 2) yield [number, take(Number(varint()))];
    else if (wire === 1) yield [number, take(8)];
    else if (wire === 5) yield [number, take(4)];
    else throw new MessageError(`proto: illegal wireType ${wire}`);
  }
}

/** Numbers one behind the other: a packed list. */
export function readVarints(bytes: Buffer): bigint[] {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [value, next] = readVarint(bytes, at);
    values.push(value);
    at = next;
  }
  return values;
}

function readVarint(bytes: Buffer, start: number): [value: bigint, next: number] {
  let value = 0n;
  for (let at = start, shift = 0n; ; at += 1, shift += 7n) {
    const byte = bytes[at];
    if (byte === undefined) throw new MessageError('unexpected EOF');
    if (shift > 63n) throw new MessageError('proto: integer overflow');
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [BigInt.asIntN(64, value), at + 1];
  }
}

/** Objects as Kubernetes' protobuf bodies: the other way round than the server reads them. Anything of a wrong type is left out. */

import { quantityFields } from '../../../../src/sandbox/apiserver/kinds/fields.ts';
import { fieldsOf } from '../../../../src/sandbox/apiserver/protobuf/numbers.ts';
import { shapeOf } from '../../../../src/sandbox/apiserver/schema/models.ts';

type Fields = Record<string, unknown>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 0x7fn ? 0x80 : 0;
    bytes.push(Number(rest & 0x7fn) | more);
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const bytesField = (number: number, content: Buffer) =>
  Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
const textField = (number: number, text: unknown) => bytesField(number, Buffer.from(String(text)));
const numberField = (number: number, value: bigint | number) =>
  Buffer.concat([varint(number * 8), varint(value)]);

/** With the envelope and its magic number. */
export function encodeProtobuf(object: Fields, model: string): Buffer {
  const type = Buffer.concat([textField(1, object.apiVersion ?? ''), textField(2, object.kind ?? '')]);
  return Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    bytesField(1, type),
    bytesField(2, message(object, model, model)),
  ]);
}

function message(object: Fields, list: string, model: string): Buffer {
  const shape = shapeOf(model);
  const models = shape.is === 'model' ? shape.model.fields : {};
  const parts: Buffer[] = [];
  for (const [number, field] of fieldsOf(list)!) {
    if ('embedded' in field) {
      parts.push(bytesField(number, message(object, field.embedded, model)));
      continue;
    }
    const value = Object.hasOwn(object, field.name) ? object[field.name] : undefined;
    const known = models[field.name];
    if (value === undefined || value === null || !known) continue;
    parts.push(
      ...encoded(number, known.type, known.format, value, quantityFields.has(`${model}.${field.name}`)),
    );
  }
  return Buffer.concat(parts);
}

function encoded(
  number: number,
  type: string,
  format: string | undefined,
  value: unknown,
  isQuantity: boolean,
): Buffer[] {
  const shape = shapeOf(type);
  if (shape.is === 'list') {
    return Array.isArray(value)
      ? value.flatMap((item) => encoded(number, shape.of, format, item ?? emptyOf(shape.of), isQuantity))
      : [];
  }
  if (shape.is === 'map') {
    if (!isRecord(value)) return [];
    return Object.entries(value).map(([key, item]) => {
      const inner = shape.of.startsWith('Array')
        ? [bytesField(2, Buffer.concat((Array.isArray(item) ? item : []).map((text) => textField(1, text))))]
        : encoded(2, shape.of, format, item, isQuantity);
      return bytesField(number, Buffer.concat([textField(1, key), ...inner]));
    });
  }
  if (isQuantity) return typeof value === 'string' ? [bytesField(number, textField(1, value))] : [];
  if (shape.is === 'model')
    return isRecord(value) ? [bytesField(number, message(value, shape.name, shape.name))] : [];
  return scalar(number, type, format, value);
}

/** What JSON's null means as an item of a list. */
const emptyOf = (type: string): unknown => (type === 'string' ? '' : {});

function scalar(number: number, type: string, format: string | undefined, value: unknown): Buffer[] {
  const isWhole = typeof value === 'number' && Number.isInteger(value);
  if (type === 'boolean') return typeof value === 'boolean' ? [numberField(number, value ? 1 : 0)] : [];
  if (type === 'number') return isWhole ? [numberField(number, value)] : [];
  if (type === 'IntOrString') {
    if (isWhole) return [bytesField(number, numberField(2, value))];
    return typeof value === 'string'
      ? [bytesField(number, Buffer.concat([numberField(1, 1), textField(3, value)]))]
      : [];
  }
  if (type === 'any') return [bytesField(number, textField(1, JSON.stringify(value)))];
  if (typeof value !== 'string') return [];
  if (type === 'Date' || type === 'V1MicroTime') return time(number, value);
  return [bytesField(number, Buffer.from(value, format === 'byte' ? 'base64' : 'utf8'))];
}

function time(number: number, text: string): Buffer[] {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return [];
  const micros = Number((/\.(\d{1,6})/.exec(text)?.[1] ?? '0').padEnd(6, '0'));
  const nanos = micros ? [numberField(2, micros * 1000)] : [];
  return [bytesField(number, Buffer.concat([numberField(1, Math.floor(at / 1000)), ...nanos]))];
}

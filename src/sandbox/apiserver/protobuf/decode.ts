/** Kubernetes' protobuf bodies as JSON values (apimachinery/pkg/runtime/serializer/protobuf). */
import { quantityFields, shapeOf } from '../schema/models.ts';
import { fieldsOf } from './numbers.ts';
import { readFields, type WireValue } from './wire.ts';

/** Four bytes stand before every message: k8s and a zero. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** A message or field that this decoder does not know. */
export class UnsupportedMessageError extends Error {}

type Fields = Record<string, unknown>;

/** `{ apiVersion, kind, … }`; `model` names the type that the path asks for. */
export function decodeProtobuf(body: Buffer, model: string): Fields {
  if (!body.subarray(0, 4).equals(magic)) throw new UnsupportedMessageError('the k8s prefix is missing');
  let type: Fields = {};
  let raw: Buffer = Buffer.alloc(0);
  for (const [number, value] of readFields(body.subarray(4))) {
    if (number === 1) type = typeMeta(value as Buffer);
    if (number === 2) raw = value as Buffer;
  }
  return { ...type, ...readMessage(raw, model) };
}

function typeMeta(bytes: Buffer): Fields {
  const names = ['', 'apiVersion', 'kind'];
  const result: Fields = {};
  for (const [number, value] of readFields(bytes)) result[names[number] ?? ''] = String(value);
  return result;
}

function readMessage(bytes: Buffer, model: string): Fields {
  const fields = fieldsOf(model);
  if (!fields) throw new UnsupportedMessageError(`messages of type ${model} are not known`);
  const result: Fields = {};
  for (const [number, value] of readFields(bytes)) {
    const field = fields.get(number);
    if (!field) throw new UnsupportedMessageError(`field ${number} of ${model} is not known`);
    if ('embedded' in field) Object.assign(result, readMessage(value as Buffer, field.embedded));
    else addField(result, model, field.name, value);
  }
  return result;
}

function addField(result: Fields, model: string, name: string, value: WireValue): void {
  const shape = shapeOf(model);
  const field = shape.is === 'model' ? shape.model.fields[name] : undefined;
  // Some fields are in the messages but no longer in the models (selfLink).
  if (!field) return;
  const type = shapeOf(field.type);
  if (type.is === 'list') {
    const list = (result[name] ?? []) as unknown[];
    list.push(readValue(type.of, field.format, value));
    result[name] = list;
  } else if (type.is === 'map') {
    const isQuantity = quantityFields.has(`${model}.${name}`);
    const [key, item] = readEntry(value as Buffer, type.of, field.format, isQuantity);
    result[name] = { ...(result[name] as Fields | undefined), [key]: item };
  } else if (quantityFields.has(`${model}.${name}`)) result[name] = readStrings(value as Buffer);
  else result[name] = readValue(field.type, field.format, value);
}

function readEntry(
  bytes: Buffer,
  type: string,
  format: string | undefined,
  isQuantity: boolean,
): [string, unknown] {
  let key = '';
  let item: unknown = type === 'string' ? '' : undefined;
  for (const [number, value] of readFields(bytes)) {
    if (number === 1) key = String(value);
    else if (isQuantity) item = readStrings(value as Buffer);
    else if (type.startsWith('Array'))
      item = [...readFields(value as Buffer)].map(([, text]) => String(text));
    else item = readValue(type, format, value);
  }
  return [key, item];
}

/** A Quantity holds one string. */
function readStrings(bytes: Buffer): string {
  for (const [, value] of readFields(bytes)) return String(value);
  return '0';
}

function readValue(type: string, format: string | undefined, value: WireValue): unknown {
  if (typeof value === 'bigint') return type === 'boolean' ? value !== 0n : Number(value);
  if (type === 'string') return format === 'byte' ? value.toString('base64') : value.toString('utf8');
  if (type === 'IntOrString') return readIntOrString(value);
  if (type === 'Date' || type === 'V1MicroTime') return readTime(value);
  return readMessage(value, type);
}

function readIntOrString(bytes: Buffer): number | string {
  let isText = false;
  let number = 0;
  let text = '';
  for (const [field, value] of readFields(bytes)) {
    if (field === 1) isText = value === 1n;
    if (field === 2) number = Number(value);
    if (field === 3) text = String(value);
  }
  return isText ? text : number;
}

/** A Timestamp; an empty one is no time at all. */
function readTime(bytes: Buffer): string | null {
  let seconds: bigint | undefined;
  for (const [number, value] of readFields(bytes)) if (number === 1) seconds = value as bigint;
  return seconds === undefined ? null : new Date(Number(seconds) * 1000).toISOString();
}

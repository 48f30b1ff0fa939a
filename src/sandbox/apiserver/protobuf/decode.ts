/** Kubernetes' protobuf bodies as JSON values (apimachinery/pkg/runtime/serializer/protobuf). */
import { isRecord } from '../json.ts';
import { quantityFields } from '../kinds/fields.ts';
import { shapeOf } from '../schema/models.ts';
import { fieldsOf } from './numbers.ts';
import { MessageError, readFields, readVarints, type WireValue } from './wire.ts';

/** Four bytes stand before every message: k8s and a zero. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

type Fields = Record<string, unknown>;

/**
 * `{ apiVersion, kind, … }`; `model` names the type that the path asks for. Fields that have no number in the table are
 * left out, as the real decoder leaves out what is newer than it. Throws MessageError.
 */
export function decodeProtobuf(body: Buffer, model: string): Fields {
  if (!body.subarray(0, 4).equals(magic)) {
    throw new MessageError(
      `provided data does not appear to be a protobuf message, expected prefix [${[...magic].join(' ')}]`,
    );
  }
  let type: Fields = {};
  let raw: Buffer = Buffer.alloc(0);
  for (const [number, value] of readFields(body.subarray(4))) {
    if (number === 1) type = typeMeta(bytesOf(value));
    if (number === 2) raw = bytesOf(value);
  }
  return { ...type, ...readMessage(raw, model) };
}

function bytesOf(value: WireValue): Buffer {
  if (typeof value === 'bigint') throw new MessageError('proto: wrong wireType = 0 for a field of bytes');
  return value;
}

function typeMeta(bytes: Buffer): Fields {
  const names = ['', 'apiVersion', 'kind'];
  const result: Fields = {};
  for (const [number, value] of readFields(bytes)) if (names[number]) result[names[number]] = String(value);
  return result;
}

function readMessage(bytes: Buffer, model: string): Fields {
  return into({}, bytes, model, model);
}

/** `list` names the table of numbers: the model's own, or that of a message embedded in it. */
function into(result: Fields, bytes: Buffer, list: string, model: string): Fields {
  const fields = fieldsOf(list);
  if (!fields) throw new MessageError(`messages of type ${list} are not known`);
  for (const [number, value] of readFields(bytes)) {
    const field = fields.get(number);
    if (!field) continue;
    if ('embedded' in field) into(result, bytesOf(value), field.embedded, model);
    else addField(result, model, field.name, value);
  }
  return result;
}

function addField(result: Fields, model: string, name: string, value: WireValue): void {
  const shape = shapeOf(model);
  const field = shape.is === 'model' ? shape.model.fields[name] : undefined;
  if (!field) return;
  const type = shapeOf(field.type);
  const isQuantity = quantityFields.has(`${model}.${name}`);
  if (type.is === 'list') {
    const list = (result[name] ?? []) as unknown[];
    const isPacked = type.of === 'number' && typeof value !== 'bigint';
    if (isPacked) list.push(...readVarints(bytesOf(value)).map(Number));
    else list.push(readValue(type.of, field.format, value));
    result[name] = list;
  } else if (type.is === 'map') {
    const [key, item] = readEntry(bytesOf(value), type.of, field.format, isQuantity);
    const map = isRecord(result[name]) ? result[name] : {};
    result[name] = { ...map, ...Object.fromEntries([[key, item]]) };
  } else if (isQuantity) result[name] = readText(bytesOf(value)) ?? '0';
  else result[name] = readValue(field.type, field.format, value);
}

function readEntry(
  bytes: Buffer,
  type: string,
  format: string | undefined,
  isQuantity: boolean,
): [string, unknown] {
  let key = '';
  let item: unknown = isQuantity ? '0' : type === 'string' ? '' : type.startsWith('Array') ? [] : null;
  for (const [number, value] of readFields(bytes)) {
    if (number === 1) key = String(value);
    else if (number !== 2) continue;
    else if (isQuantity) item = readText(bytesOf(value)) ?? '0';
    else if (type.startsWith('Array')) {
      item = [...readFields(bytesOf(value))].map(([, text]) => String(text));
    } else item = readValue(type, format, value);
  }
  return [key, item];
}

/** The first field of a message that holds one text: a Quantity, FieldsV1, a RawExtension. */
function readText(bytes: Buffer): string | undefined {
  for (const [number, value] of readFields(bytes)) if (number === 1) return String(value);
  return undefined;
}

function readValue(type: string, format: string | undefined, value: WireValue): unknown {
  if (type === 'boolean' || type === 'number') {
    if (typeof value !== 'bigint') throw new MessageError('proto: wrong wireType = 2 for a number');
    return type === 'boolean' ? value !== 0n : Number(value);
  }
  const bytes = bytesOf(value);
  if (type === 'string') return bytes.toString(format === 'byte' ? 'base64' : 'utf8');
  if (type === 'IntOrString') return readIntOrString(bytes);
  if (type === 'Date' || type === 'V1MicroTime') return readTime(bytes);
  if (type === 'any') return readJson(bytes);
  return readMessage(bytes, type);
}

/** FieldsV1 and RawExtension hold JSON as text. */
function readJson(bytes: Buffer): unknown {
  const text = readText(bytes);
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new MessageError('a raw field holds no JSON');
  }
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

/** A Timestamp, as RFC 3339 with nine digits; an empty one is no time at all. */
function readTime(bytes: Buffer): string | null {
  let seconds: bigint | undefined;
  let nanos = 0n;
  for (const [number, value] of readFields(bytes)) {
    if (typeof value !== 'bigint') throw new MessageError('proto: wrong wireType = 2 for a time');
    if (number === 1) seconds = value;
    if (number === 2) nanos = value;
  }
  if (seconds === undefined) return null;
  const time = new Date(Number(seconds) * 1000);
  if (Number.isNaN(time.getTime())) throw new MessageError(`${seconds} seconds are no time`);
  return `${time.toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`;
}

/** Whether a custom object is as its schema wants it, in the words of kube-openapi/pkg/validation. */
import { compileRegex, type Regex } from '../../../regex.ts';
import { fieldOf, isRecord, same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { invalidValue, oneOf, required, shown, tooLong, tooMany } from '../validation/rules.ts';
import { type JsonSchema, valuesOf } from './json-schema.ts';

/** What is wrong with a value that stands at `path`; `''` is the object itself. */
export function validateValue(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  if (value === null && schema.nullable) return [];
  const wrongType = typeError(value, schema, path);
  if (wrongType) return [wrongType];
  return [
    ...enumErrors(value, schema, path),
    ...(typeof value === 'string' ? stringErrors(value, schema, path) : []),
    ...(typeof value === 'number' ? numberErrors(value, schema, path) : []),
    ...(Array.isArray(value) ? listErrors(value, schema, path) : []),
    ...(isRecord(value) ? objectErrors(value, schema, path) : []),
    ...combinedErrors(value, schema, path),
  ];
}

const inBody = (path: string) => `${path} in body`;

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function typeError(value: unknown, schema: JsonSchema, path: string): FieldError | undefined {
  const seen = jsonType(value);
  if (schema['x-kubernetes-int-or-string']) {
    if (seen === 'integer' || seen === 'string') return undefined;
    return invalidValue(path, seen, `${inBody(path)} must be of type integer,string: ${shown(seen)}`);
  }
  const { type } = schema;
  if (!type || type === seen || (type === 'number' && seen === 'integer')) return undefined;
  return invalidValue(path, seen, `${inBody(path)} must be of type ${type}: ${shown(seen)}`);
}

function enumErrors(value: unknown, { enum: allowed }: JsonSchema, path: string): FieldError[] {
  if (!allowed || allowed.some((one) => same(one, value))) return [];
  return oneOf(
    path,
    value,
    allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
  );
}

/** Formats that are looked at; others are kept as hints. */
const formats: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /^[^@\s]+@[^@\s]+$/,
  ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
  uuid: /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/,
  byte: /^[A-Za-z0-9+/]*={0,2}$/,
};

function stringErrors(text: string, schema: JsonSchema, path: string): FieldError[] {
  const { minLength, maxLength, pattern, format } = schema;
  const length = [...text].length;
  const errors: FieldError[] = [];
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    errors.push(invalidValue(path, text, `${inBody(path)} should be at least ${minLength} chars long`));
  }
  if (pattern !== undefined && !matches(text, pattern)) {
    errors.push(invalidValue(path, text, `${inBody(path)} should match '${pattern}'`));
  }
  const rule = format && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (rule && !rule.test(text)) {
    errors.push(invalidValue(path, text, `${inBody(path)} must be of type ${format}: ${shown(text)}`));
  }
  return errors;
}

const patterns = new Map<string, Regex>();

function matches(text: string, pattern: string): boolean {
  const known = patterns.get(pattern) ?? compileRegex(pattern);
  patterns.set(pattern, known);
  return known.test(text);
}

function numberErrors(value: number, schema: JsonSchema, path: string): FieldError[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const errors: FieldError[] = [];
  const refuse = (why: string) => errors.push(invalidValue(path, value, `${inBody(path)} should be ${why}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    refuse(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    refuse(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    refuse(`a multiple of ${multipleOf}`);
  return errors;
}

function listErrors(list: unknown[], schema: JsonSchema, path: string): FieldError[] {
  const { minItems, maxItems, items } = schema;
  const errors: FieldError[] = [];
  if (minItems !== undefined && list.length < minItems) {
    const why = `${inBody(path)} should have at least ${minItems} items`;
    errors.push(invalidValue(path, list.length, why));
  }
  if (maxItems !== undefined && list.length > maxItems) errors.push(tooMany(path, list.length, maxItems));
  return [
    ...errors,
    ...uniqueErrors(list, schema, path),
    ...(items ? list.flatMap((item, index) => validateValue(item, items, `${path}[${index}]`)) : []),
  ];
}

/** Sets, and lists whose items are told apart by keys. */
function uniqueErrors(list: unknown[], schema: JsonSchema, path: string): FieldError[] {
  const kind = schema['x-kubernetes-list-type'];
  if (kind !== 'set' && kind !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const keyOf = (item: unknown) =>
    kind === 'set' || !isRecord(item) ? item : Object.fromEntries(keys.map((key) => [key, item[key]]));
  const seen: unknown[] = [];
  return list.flatMap((item, index) => {
    const key = keyOf(item);
    const isAgain = seen.some((one) => same(one, key));
    seen.push(key);
    const error: FieldError = {
      type: 'Duplicate',
      field: `${path}[${index}]`,
      message: `Duplicate value: ${shown(key)}`,
    };
    return isAgain ? [error] : [];
  });
}

function objectErrors(value: Record<string, unknown>, schema: JsonSchema, path: string): FieldError[] {
  const { properties = {}, required: needed = [], minProperties, maxProperties } = schema;
  const count = Object.keys(value).length;
  const inside = (key: string) => (path ? `${path}.${key}` : key);
  const errors: FieldError[] = needed
    .filter((key) => fieldOf(value, key) === undefined)
    .map((key) => required(inside(key)));
  if (minProperties !== undefined && count < minProperties) {
    const why = `${inBody(path)} should have at least ${minProperties} properties`;
    errors.push(invalidValue(path, count, why));
  }
  if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(path, count, maxProperties));
  const values = valuesOf(schema);
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known) errors.push(...validateValue(inner, known, inside(key)));
    else if (values) errors.push(...validateValue(inner, values, inside(key)));
  }
  return errors;
}

function combinedErrors(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const { allOf = [], anyOf, oneOf: exactlyOne, not } = schema;
  const fits = (one: JsonSchema) => validateValue(value, one, path).length === 0;
  const refuse = (why: string) => [invalidValue(path, '', `${shown(path)} ${why}`)];
  return [
    ...allOf.flatMap((one) => validateValue(value, one, path)),
    ...(anyOf && !anyOf.some(fits) ? refuse('must validate at least one schema (anyOf)') : []),
    ...(exactlyOne ? countErrors(exactlyOne.filter(fits).length, refuse) : []),
    ...(not && fits(not) ? refuse('must not validate the schema (not)') : []),
  ];
}

function countErrors(found: number, refuse: (why: string) => FieldError[]): FieldError[] {
  if (found === 1) return [];
  const many = found === 0 ? 'none' : String(found);
  return refuse(`must validate one and only one schema (oneOf). Found ${many} valid`);
}

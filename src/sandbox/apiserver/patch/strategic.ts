/**
 * Strategic merge patch (apimachinery/pkg/util/strategicpatch): a merge patch that knows by which key the
 * elements of a list are matched, with the directives $patch, $retainKeys, $setElementOrder/… and
 * $deleteFromPrimitiveList/….
 */
import { clone, isRecord, fieldOf as ownField, same, setField } from '../json.ts';
import { listTypes } from '../kinds/fields.ts';
import { shapeOf } from '../schema/models.ts';

/** A patch that is malformed; the message is the real library's. */
export class StrategicPatchError extends Error {
  /** `isShape`: a list where none may stand, or the other way round: 400; the real server answers the rest with 500. */
  constructor(
    message: string,
    readonly isShape = false,
  ) {
    super(message);
  }
}

type Fields = Record<string, unknown>;

const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

/** `model` names the type of `target`, e.g. V1Deployment. Neither argument is changed. */
export function strategicPatch(target: unknown, patch: unknown, model: string | undefined): unknown {
  if (!isRecord(patch)) return clone(patch);
  return mergeMap(isRecord(target) ? target : {}, patch, model);
}

function mergeMap(target: Fields, patch: Fields, model: string | undefined): Fields {
  const directive = patch.$patch;
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw unknownDirective(directive, patch);
  const result: Fields = { ...target };
  retain(result, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key === '$retainKeys') continue;
    if (key.startsWith(orderPrefix) || key.startsWith(deletePrefix)) continue;
    if (value === null) {
      delete result[key];
      continue;
    }
    const field = fieldOf(model, key);
    const current = ownField(result, key);
    if (Array.isArray(value))
      setField(result, key, mergeList(current, value, field, patch[orderPrefix + key]));
    else if (isRecord(value)) setField(result, key, mergeChild(current, value, field.type));
    else setField(result, key, value);
  }
  applyListDirectives(result, patch, model);
  return result;
}

function mergeChild(current: unknown, patch: Fields, model: string | undefined): unknown {
  return mergeMap(isRecord(current) ? current : {}, patch, model);
}

interface Field {
  /** Model of the field, or of the elements of a list. */
  type?: string;
  mergeKey?: string;
}

function fieldOf(model: string | undefined, key: string): Field {
  const shape = model ? shapeOf(model) : undefined;
  if (shape?.is !== 'model') return {};
  const inner = Object.hasOwn(shape.model.fields, key) ? shape.model.fields[key] : undefined;
  if (!inner) return {};
  const innerShape = shapeOf(inner.type);
  const type = innerShape.is === 'list' ? innerShape.of : inner.type;
  return { type, mergeKey: listTypes.get(`${shape.name}.${key}`)?.merge };
}

function retain(result: Fields, patch: Fields): void {
  const keep = patch.$retainKeys;
  if (keep === undefined) return;
  if (!Array.isArray(keep)) throw new StrategicPatchError('list of $retainKeys is not a list', true);
  for (const key of Object.keys(result)) if (!keep.includes(key)) delete result[key];
}

function mergeList(current: unknown, patch: unknown[], field: Field, order: unknown): unknown {
  const list = Array.isArray(current) ? current : [];
  const replace = patch.some((item) => isRecord(item) && item.$patch === 'replace');
  if (field.mergeKey === undefined || replace) {
    const kept = patch.filter((item) => !(isRecord(item) && item.$patch === 'replace'));
    return kept.map((item) => (isRecord(item) ? withoutDirectives(item) : clone(item)));
  }
  if (field.mergeKey === '') {
    const all = [...new Set([...list, ...patch])];
    return arrange(all, list, patch, (item) => item);
  }
  checkOrder(patch, order, field.mergeKey);
  const merged = mergeElements(list, patch, field.mergeKey, field.type);
  return order === undefined ? orderByPatch(merged, list, patch, field.mergeKey) : merged;
}

function mergeElements(list: unknown[], patch: unknown[], key: string, model: string | undefined): Fields[] {
  const result = list.filter(isRecord).map((item) => ({ ...item }));
  for (const item of patch) {
    if (!isRecord(item))
      throw new StrategicPatchError('expected an object in a list that is merged by key', true);
    const id = ownField(item, key);
    if (id === undefined) {
      throw new StrategicPatchError(`map: ${goMap(item)} does not contain declared merge key: ${key}`);
    }
    const index = result.findIndex((element) => same(element[key], id));
    if (item.$patch === 'delete') {
      for (let at = result.length - 1; at >= 0; at--) if (same(result[at]![key], id)) result.splice(at, 1);
    } else if (item.$patch !== undefined && item.$patch !== 'merge' && item.$patch !== 'replace') {
      throw unknownDirective(item.$patch, item);
    } else if (index >= 0) result[index] = mergeMap(result[index]!, item, model);
    else result.push(mergeMap({}, item, model));
  }
  return result;
}

/** Elements that the patch names stand in the patch's order, the others keep theirs relative to the live list. */
/** What is patched must stand in the order that is asked for (validatePatchWithSetOrderList). */
function checkOrder(patch: unknown[], order: unknown, key: string): void {
  if (!Array.isArray(order)) return;
  const wanted = order.map((item) => (isRecord(item) ? item[key] : item));
  const items = patch.filter((item) => isRecord(item) && item.$patch === undefined) as Fields[];
  let at = 0;
  for (const item of items) {
    const found = wanted.findIndex((id, index) => index >= at && same(id, item[key]));
    if (found < 0) {
      const shown = (list: unknown[]) => `[${list.map(goMap).join(' ')}]`;
      throw new StrategicPatchError(
        `The order in patch list:\n${shown(items)}\n doesn't match ${orderPrefix.slice(0, -1)} list:\n${shown(order)}\n`,
      );
    }
    at = found + 1;
  }
}

function orderByPatch(merged: Fields[], live: unknown[], patch: unknown[], key: string): Fields[] {
  const order = patch
    .filter((item) => isRecord(item) && item.$patch === undefined)
    .map((item) => (item as Fields)[key]);
  return arrange(
    merged,
    live.filter(isRecord).map((item) => item[key]),
    order,
    (item) => item[key],
  );
}

/**
 * Puts items in the order given; those that it does not name (they exist only on the server) stay before the
 * named item that they stood before.
 */
function arrange<T>(items: T[], live: unknown[], order: unknown[], idOf: (item: T) => unknown): T[] {
  const isNamed = (id: unknown) => order.some((wanted) => same(wanted, id));
  const named = order.flatMap((wanted) => items.filter((item) => same(idOf(item), wanted)));
  const others = items.filter((item) => !isNamed(idOf(item)));
  const position = (id: unknown) => live.findIndex((other) => same(other, id));
  const result: T[] = [];
  let next = 0;
  for (const item of named) {
    const at = position(idOf(item));
    while (next < others.length && at >= 0 && position(idOf(others[next]!)) < at)
      result.push(others[next++]!);
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

function applyListDirectives(result: Fields, patch: Fields, model: string | undefined): void {
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletePrefix) && Array.isArray(value)) {
      const field = key.slice(deletePrefix.length);
      const list = ownField(result, field);
      if (Array.isArray(list)) result[field] = list.filter((item) => !value.includes(item));
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix) || !Array.isArray(value)) continue;
    const name = key.slice(orderPrefix.length);
    const list = ownField(result, name);
    if (!Array.isArray(list)) continue;
    const mergeKey = fieldOf(model, name).mergeKey;
    const idOf = (item: unknown) => (mergeKey && isRecord(item) ? item[mergeKey] : item);
    result[name] = arrange(list, list.map(idOf), value.map(idOf), idOf);
  }
}

function withoutDirectives(patch: Fields): Fields {
  return Object.fromEntries(
    Object.entries(patch)
      .filter(([key, value]) => !key.startsWith('$') && value !== null)
      .map(([key, value]) => [key, isRecord(value) ? withoutDirectives(value) : clone(value)]),
  );
}

function unknownDirective(value: unknown, map: Fields): StrategicPatchError {
  return new StrategicPatchError(`unknown patch type: ${String(value)} in map: ${goMap(map)}`);
}

/** A map as Go prints it. */
export function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (!isRecord(value)) return value === null ? '<nil>' : String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${goMap(item)}`).join(' ')}]`;
}

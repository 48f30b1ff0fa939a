/** The typed models of every kind: fields with type, format, whether required, and description. */
import models from './models.json' with { type: 'json' };

export interface FieldModel {
  /** As in the generated client: string, number, boolean, any, Date, IntOrString, V1PodSpec, Array<…>, map. */
  type: string;
  format?: string;
  required?: boolean;
  description?: string;
}

export interface Model {
  description: string;
  fields: Record<string, FieldModel>;
}

const all = models as unknown as Record<string, Model>;

/** undefined for a type that has no model of its own: scalars and IntOrString. */
export function modelOf(name: string): Model | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

export type Shape =
  | { is: 'list'; of: string }
  | { is: 'map'; of: string }
  | { is: 'model'; name: string; model: Model }
  | { is: 'scalar'; name: string };

const shapes = new Map<string, Shape>();

/** Takes a type's text apart, e.g. `Array<V1Container>` into a list of V1Container. */
export function shapeOf(type: string): Shape {
  const known = shapes.get(type);
  if (known) return known;
  const list = /^Array<(.*)>$/.exec(type);
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  const model = modelOf(type);
  let shape: Shape = { is: 'scalar', name: type };
  if (list) shape = { is: 'list', of: list[1]! };
  else if (map) shape = { is: 'map', of: map[1]! };
  else if (model) shape = { is: 'model', name: type, model };
  shapes.set(type, shape);
  return shape;
}

/**
 * Paths into objects as documents and actions write them: `spec.replicas`,
 * `spec.template.spec.containers[name=app].image`, `spec.ports[0].port`, `data["upstreams.yaml"]`.
 */
export type FieldStep = { key: string } | { index: number } | { where: string; equals: string };

/** The steps of a path; undefined if it is not well-formed. */
export function parseFieldPath(path: string): FieldStep[] | undefined {
  const steps: FieldStep[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[([^=[\]"]+)=([^[\]]*)\]/y;
  while (token.lastIndex < path.length) {
    const match = token.exec(path);
    if (!match) return undefined;
    const [, key, index, quoted, where, equals] = match;
    if (key !== undefined) steps.push({ key });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (quoted !== undefined) steps.push({ key: quoted.replace(/\\(.)/g, '$1') });
    else steps.push({ where: where!, equals: equals! });
  }
  return steps.length > 0 ? steps : undefined;
}

/** The inverse of `parseFieldPath`. */
export function formatFieldPath(steps: FieldStep[]): string {
  let path = '';
  for (const step of steps) {
    if ('index' in step) path += `[${step.index}]`;
    else if ('where' in step) path += `[${step.where}=${step.equals}]`;
    else if (/^[^.[\]"]+$/.test(step.key)) path += path ? `.${step.key}` : step.key;
    else path += `["${step.key.replace(/["\\]/g, '\\$&')}"]`;
  }
  return path;
}

/**
 * The value at a path, or undefined. A key that has dots itself (`data.upstreams.yaml`, an annotation) is found
 * unquoted too: where no key fits, the following words are tried joined by dots.
 */
export function readField(object: unknown, path: string): unknown {
  const steps = parseFieldPath(path);
  return steps ? follow(object, steps) : undefined;
}

function follow(value: unknown, steps: FieldStep[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (value === null || typeof value !== 'object') return undefined;
  if ('index' in step) return Array.isArray(value) ? follow(value[step.index], rest) : undefined;
  if ('where' in step) {
    if (!Array.isArray(value)) return undefined;
    const item = value.find(
      (each) => String((each as Record<string, unknown>)?.[step.where]) === step.equals,
    );
    return follow(item, rest);
  }
  return followKey(value as Record<string, unknown>, step.key, rest);
}

function followKey(value: Record<string, unknown>, key: string, rest: FieldStep[]): unknown {
  if (Object.hasOwn(value, key)) return follow(value[key], rest);
  const [next, ...others] = rest;
  return next && 'key' in next ? followKey(value, `${key}.${next.key}`, others) : undefined;
}

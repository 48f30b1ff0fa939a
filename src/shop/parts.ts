/**
 * Parts of the shop that are left out where something they need is missing: the base names of their manifests, rules and
 * dashboards.
 */
const optionalParts: Record<string, readonly string[]> = {
  database: ['app-users', 'backup', 'catalog', 'db'],
};

export const partNames: readonly string[] = Object.keys(optionalParts);

/** Whether a file of the shop (`db.yaml`) belongs to one of these parts. @throws Error for a part that is not known */
export function isPartOf(parts: readonly string[], file: string): boolean {
  const unknown = parts.find((part) => !partNames.includes(part));
  if (unknown !== undefined)
    throw new Error(
      `Expected a part of the shop that may be left out (${partNames.join(', ')}), got "${unknown}".`,
    );
  const name = file.replace(/\.\w+$/, '');
  return parts.some((part) => optionalParts[part]?.includes(name));
}

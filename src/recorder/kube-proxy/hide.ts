/**
 * Takes our own labels and annotations out of what a responder sees: namespaces carry the opt-in label.
 * Only answers about namespaces are rewritten; everything else streams through untouched.
 */
export function hideMachinery(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return body;
  }
  return JSON.stringify(strip(parsed));
}

const prefix = 'misfortune.dev/';

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith(prefix) && !key.startsWith(`f:${prefix}`))
      .map(([key, inner]) => {
        const kept = strip(inner);
        // An emptied map looks as if it had never been there; last-applied manifests are JSON in a string.
        if (typeof kept === 'string' && kept.includes(prefix) && kept.startsWith('{'))
          return [key, hideMachinery(kept)];
        return [key, kept];
      }),
  );
}

/** Finds keys that stand twice in one object of a JSON text: JSON.parse keeps the last and says nothing. */

/** `duplicate field "data.k"` for each. The text must be valid JSON. */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  const stack: { keys?: Set<string>; path: string; index: number }[] = [];
  let path = '';
  let key: string | undefined;
  // Strings, structural characters; all else (numbers, literals, blanks) does not matter here.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g)) {
    const top = stack[stack.length - 1];
    if (token === '{' || token === '[') {
      const inner = top && !top.keys ? `${top.path}[${top.index}]` : path;
      stack.push({ keys: token === '{' ? new Set() : undefined, path: inner, index: 0 });
      path = inner;
    } else if (token === '}' || token === ']') {
      stack.pop();
      path = stack[stack.length - 1]?.path ?? '';
    } else if (token === ',') {
      if (top) top.index += 1;
      path = top?.path ?? '';
    } else if (/:$/.test(token) && top?.keys) {
      key = JSON.parse(token.replace(/\s*:$/, '')) as string;
      path = top.path ? `${top.path}.${key}` : key;
      if (top.keys.has(key)) found.push(`duplicate field ${JSON.stringify(path)}`);
      top.keys.add(key);
    }
  }
  return found;
}

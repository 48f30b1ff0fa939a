import type { SourceDocument } from './document.ts';

/**
 * The same function, but a document is parsed once with the same options, however many ask: what it gave is remembered as
 * long as the document is. Nobody may change what it gives.
 */
export function oncePerDocument<Options extends unknown[], Parsed>(
  parse: (document: SourceDocument, ...options: Options) => Parsed,
  isSame: (one: Options, other: Options) => boolean = () => true,
): (document: SourceDocument, ...options: Options) => Parsed {
  const memory = new WeakMap<SourceDocument, { options: Options; parsed: Parsed }[]>();
  return (document, ...options) => {
    const known = memory.get(document) ?? [];
    memory.set(document, known);
    const before = known.find((one) => isSame(one.options, options));
    if (before) return before.parsed;
    const parsed = parse(document, ...options);
    known.push({ options, parsed });
    return parsed;
  };
}

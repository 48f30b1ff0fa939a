import { pairs } from './dash.ts';

/** `--param rate=1`: numbers and booleans are taken as such. @throws MisfortuneError `bad-pair` */
export function paramsOf(texts: string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(pairs(texts)).map(([name, text]) => {
      if (text === 'true' || text === 'false') return [name, text === 'true'];
      return [name, text !== '' && Number.isFinite(Number(text)) ? Number(text) : text];
    }),
  );
}

import { fixed, general, shortest } from './go-number.ts';
import { type Datum, textOf, typeName } from './value.ts';

/** Go refuses wider ones. */
const WIDEST = 1_000_000;

const VERB = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?([a-zA-Z%]|$)/g;

/** Go's fmt.Sprintf with the verbs of text, numbers and truth; what does not fit is told in the text, as Go does. */
export function printf(format: string, args: readonly Datum[]): string {
  let next = 0;
  const star = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    if (text === '') return 0;
    return text === '*' ? Number(args[next++] ?? 0) : Number(text);
  };
  const text = format.replace(VERB, (_, flags: string, wide?: string, precise?: string, verb?: string) => {
    if (verb === '%') return '%';
    if (!verb) return '%!(NOVERB)';
    const width = star(wide) ?? 0;
    const precision = star(precise);
    if (!(Math.abs(width) <= WIDEST)) return '%!(BADWIDTH)';
    if (precision !== undefined && !(precision >= 0 && precision <= WIDEST)) return '%!(BADPREC)';
    if (next >= args.length) return `%!${verb}(MISSING)`;
    return padded(formatted(verb, args[next++], { flags, precision }), flags, width);
  });
  if (next >= args.length) return text;
  const extra = args.slice(next).map((one) => `${typeName(one)}=${textOf(one)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-') || width < 0) return text.padEnd(Math.abs(width));
  if (!flags.includes('0') || !/^[+-]?[\d.]/.test(text)) return text.padStart(width);
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  return sign + digits.padStart(width - sign.length, '0');
}

function formatted(
  verb: string,
  datum: Datum,
  { flags, precision }: { flags: string; precision: number | undefined },
): string {
  const bad = `%!${verb}(${datum === undefined ? '<nil>' : `${typeName(datum)}=${textOf(datum)}`})`;
  if (verb === 'T') return typeName(datum);
  if (datum === undefined) return verb === 'v' ? '<nil>' : bad;
  const signed = (text: string) =>
    flags.includes('+') && !/^[+-]/.test(text)
      ? `+${text}`
      : flags.includes(' ') && !/^[+-]/.test(text)
        ? ` ${text}`
        : text;
  if (typeof datum === 'number') {
    const text = floatText(verb, datum, precision);
    return text === undefined ? bad : signed(text);
  }
  if (typeof datum === 'bigint') {
    const text = integerText(verb, datum);
    return text === undefined ? bad : signed(text);
  }
  if (typeof datum === 'boolean') return verb === 'v' || verb === 't' ? String(datum) : bad;
  const text = textOf(datum);
  switch (verb) {
    case 'v':
    case 's':
      return precision === undefined ? text : [...text].slice(0, precision).join('');
    case 'q':
      return typeof datum === 'string' ? quoted(text) : bad;
    case 'x':
      return typeof datum === 'string' ? Buffer.from(text).toString('hex') : bad;
    case 'X':
      return typeof datum === 'string' ? Buffer.from(text).toString('hex').toUpperCase() : bad;
    default:
      return bad;
  }
}

function floatText(verb: string, value: number, precision: number | undefined): string | undefined {
  switch (verb) {
    case 'f':
    case 'F':
      return fixed(value, precision ?? 6);
    case 'e':
    case 'E': {
      const text = Number.isFinite(value)
        ? value.toExponential(Math.min(precision ?? 6, 100)).replace(/e([+-])(\d)$/, 'e$10$2')
        : shortest(value);
      return verb === 'E' ? text.toUpperCase() : text;
    }
    case 'g':
    case 'G':
    case 'v':
      return precision === undefined
        ? shortest(value)
        : general(value, Math.min(Math.max(precision, 1), 100));
    default:
      return undefined;
  }
}

const BASES: Record<string, number> = { b: 2, o: 8, d: 10, v: 10, x: 16, X: 16 };

function integerText(verb: string, value: bigint): string | undefined {
  const base = BASES[verb];
  if (base) return verb === 'X' ? value.toString(base).toUpperCase() : value.toString(base);
  const isCharacter = value >= 0n && value <= 0x10ffffn;
  const character = isCharacter ? String.fromCodePoint(Number(value)) : '\ufffd';
  if (verb === 'c') return character;
  if (verb === 'q') return `'${character}'`;
  return verb === 'U' ? `U+${value.toString(16).toUpperCase().padStart(4, '0')}` : undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');
}

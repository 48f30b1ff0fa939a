/** Reads a number from the environment; a value that is no number ends the program with a clear message. */
export function numberFromEnv(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`Expected ${name} to be a number >= 0, got "${text}".`);
  return value;
}

/** Reads a comma-separated list of ports. */
export function portsFromEnv(name: string, fallback: readonly number[]): readonly number[] {
  const text = process.env[name];
  if (!text) return fallback;
  const ports = text.split(',').map(Number);
  if (!ports.every((port) => Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new Error(`Expected ${name} to be ports separated by commas, got "${text}".`);
  return ports;
}

/** Reads one of a few words; the first is taken where there is none. */
export function wordFromEnv<Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
  const text = process.env[name];
  if (!text) return words[0];
  const word = words.find((one) => one === text);
  if (!word) throw new Error(`Expected ${name} to be ${words.join(' or ')}, got "${text}".`);
  return word;
}

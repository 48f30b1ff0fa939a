import type { LabelSet } from './labels.ts';

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** As Prometheus' LabelSet.Fingerprint: FNV-1a over names and values, each closed by 0xff; 16 hex digits. */
export function fingerprint(labels: LabelSet): string {
  let hash = OFFSET;
  const add = (byte: number) => {
    hash = ((hash ^ BigInt(byte)) * PRIME) & 0xffffffffffffffffn;
  };
  for (const pair of labels) {
    for (const text of pair) {
      for (const byte of Buffer.from(text, 'utf8')) add(byte);
      add(0xff);
    }
  }
  return hash.toString(16).padStart(16, '0');
}

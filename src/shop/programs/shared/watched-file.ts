import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 1000;

/**
 * Keeps what is in a file of a mounted ConfigMap current: looks at it again and again, as the kubelet swaps it by a link that
 * file events do not follow everywhere. What is missing or cannot be parsed leaves the last good value in use.
 * @param onRead called for each new text, and each time that the file cannot be read
 */
export function watchFile<T>(
  path: string,
  parse: (text: string) => T,
  onRead: (result: { value: T } | { error: Error }) => void,
): { current(): T | undefined; stop(): void } {
  let text: string | undefined;
  let value: T | undefined;
  const look = () => {
    let found: string | undefined;
    try {
      found = readFileSync(path, 'utf8');
      if (found === text) return;
      value = parse(found);
      onRead({ value });
    } catch (error) {
      onRead({ error: error as Error });
    }
    // A file that comes back is read again, though it says the same.
    text = found;
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { current: () => value, stop: () => clearInterval(timer) };
}

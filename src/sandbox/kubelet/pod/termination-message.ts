import { readFileSync } from 'node:fs';
import { readInside } from '../../confined.ts';
import type { RootFolder } from '../volumes/rootfs.ts';
import type { Container } from './pod-types.ts';

const MAX_BYTES = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;

/** What a container left for its status: the file it wrote, or by policy the end of its log. */
export function terminationMessage(spec: Container, root: RootFolder, log: string, exitCode: number): string {
  const written = firstBytes(root, spec.terminationMessagePath ?? '/dev/termination-log');
  if (written || exitCode === 0 || spec.terminationMessagePolicy !== 'FallbackToLogsOnError') return written;
  try {
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1).slice(-MAX_LOG_LINES);
    return lines
      .map((line) => `${line.split(' ').slice(3).join(' ')}\n`)
      .join('')
      .slice(-MAX_LOG_BYTES);
  } catch {
    return '';
  }
}

function firstBytes(root: RootFolder, path: string): string {
  try {
    return readInside(root.folders, root.real(path), MAX_BYTES).toString('utf8');
  } catch {
    return '';
  }
}

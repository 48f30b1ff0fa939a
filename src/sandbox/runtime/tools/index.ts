import { fileTools } from './files.ts';
import { networkTools } from './network.ts';
import { postgresTools } from './postgres/index.ts';
import { redisTools } from './redis-cli.ts';
import { systemTools } from './system.ts';
import { archiveTools } from './tar.ts';
import { textTools } from './text.ts';
import type { Tool } from './tool.ts';

const TOOLS: Record<string, Tool> = {
  ...fileTools,
  ...archiveTools,
  ...textTools,
  ...systemTools,
  ...networkTools,
  ...redisTools,
  ...postgresTools,
};

const FOLDERS = ['/bin', '/usr/bin', '/usr/local/bin', '/sbin', '/usr/sbin'];

/** The tool that a command's first word names, with or without its folder. */
export function findTool(word: string): Tool | undefined {
  const name = toolName(word);
  return name !== undefined && Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
}

/** `/bin/ls` → `ls`; undefined for a path that leads elsewhere. */
export function toolName(word: string): string | undefined {
  const slash = word.lastIndexOf('/');
  if (slash < 0) return word;
  return FOLDERS.includes(word.slice(0, slash)) ? word.slice(slash + 1) : undefined;
}

export const SHELLS = new Set(['sh', 'ash', 'bash']);

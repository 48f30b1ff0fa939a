import { isLeftOpen } from '../command-match.ts';
import { kubectlCommands } from '../kubectl-command.ts';
import type { Playbook } from '../schema.ts';

/**
 * Replaces what a reader fills in. `$NAMESPACE`, `${NS}`, `<namespace>`, `{{ $labels.namespace }}`, `[namespace]` and `NAME`
 * become roles, `${namespace}`, where they name a namespace or an object; new roles are added to `roles`. Names of pods
 * change with every rollout, and nobody can bind them before a game: these, and all else, stay open, as `<pod>`.
 */
export function withRoles(line: string, roles: Playbook['roles']): string {
  // What a command reads from the lines below it is no part of the command.
  const [head = '', ...rest] = line.split('\n');
  if (rest.length > 0) return [withRoles(head, roles), ...rest.map((one) => escaped(one, roles))].join('\n');
  const opened = openPlaceholders(line, roles);
  let text = opened;
  for (const { kind, names, options } of kubectlCommands(opened)) {
    const namespace = options.get('-n') ?? options.get('--namespace');
    if (namespace !== undefined) text = asRole(text, namespace, 'namespace', roles);
    if (/^(pods?|po)(,|$)/.test(kind)) {
      for (const name of names)
        if (isCapital(name)) text = replaceWord(text, name, `<${roleName(name, 'pod')}>`);
      continue;
    }
    for (const name of names) text = asRole(text, name, kind.split('.')[0]!, roles);
  }
  return text;
}

/** Texts in which `${…}` is only a text. */
export function escaped(text: string, roles: Playbook['roles']): string {
  return text.replace(/(\$?)\$\{([^}]*)\}/g, (match, before: string, inner: string) =>
    before || isRole(inner, roles) ? match : `$${match}`,
  );
}

function isRole(inner: string, roles: Playbook['roles']): boolean {
  return Object.hasOwn(roles, inner.split('.')[0]!);
}

/** All forms become `<word>`; between single quotes a shell fills nothing in. */
function openPlaceholders(line: string, roles: Playbook['roles']): string {
  const parts = line.split(/('[^']*')/);
  return parts
    .map((part) => {
      if (part.startsWith("'")) return escaped(part, roles);
      return (
        part
          .replace(/\{\{[^}]*?(\w+)\s*\}\}/g, (_, word: string) => `<${wordOf(word)}>`)
          .replace(/(\$?)\$\{([A-Za-z_][\w.]*)[^}]*\}/g, (match, before: string, word: string) =>
            before || isRole(word, roles) || isRole(match.slice(2, -1), roles) ? match : `<${wordOf(word)}>`,
          )
          .replace(/\$([A-Za-z_]\w*)/g, (_, word: string) => `<${wordOf(word)}>`)
          .replace(/<([A-Za-z][^<>|&;]*)>/g, (_, words: string) => `<${wordOf(words)}>`)
          .replace(
            /(^|[\s/=])\[([a-z][\w -]*)\](?=\s|$)/g,
            (_, before: string, words: string) => `${before}<${wordOf(words)}>`,
          )
          // my-app-xxxxx, a name with what a controller adds to it; or three dots.
          .replace(/(?<=^|[\s/])([a-z][a-z0-9-]*)-x{3,}(?:-x+)*(?=\s|$)/g, (_, word: string) => `<${word}>`)
      );
    })
    .join('');
}

function wordOf(text: string): string {
  const word = text
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return word || 'value';
}

function isCapital(word: string): boolean {
  return /^[A-Z][A-Z0-9_-]+$/.test(word);
}

/** A whole word that is a placeholder, as a role. */
function asRole(text: string, word: string, kind: string, roles: Playbook['roles']): string {
  const isWhole = /^<[a-z0-9-]+>$/.test(word) && word !== '<substituted>';
  if (!isWhole && !isCapital(word)) return text;
  const role = roleName(word, kind);
  if (!Object.hasOwn(roles, role)) roles[role] = 'name';
  return replaceWord(text, word, roles[role] === 'ref' ? `\${${role}.name}` : `\${${role}}`);
}

function replaceWord(text: string, word: string, by: string): string {
  return isLeftOpen(word)
    ? text.replaceAll(word, () => by)
    : text.replace(new RegExp(`(?<=^|[\\s/=])${word}(?=$|\\s)`, 'g'), () => by);
}

/** `<your-namespace>` → namespace, `DEPLOYMENT_NAME` → deployment, `<name>` → the kind that it names. */
function roleName(word: string, kind: string): string {
  const plain = wordOf(word)
    .replace(/^(your|my|the|a|some)-/, '')
    .replace(/-?name$/, '');
  if (plain === 'ns') return 'namespace';
  const isGeneric = plain === '' || /^(resource|object|value|x+|id|foo|bar)$/.test(plain);
  const role = isGeneric ? wordOf(kind) : plain;
  return /^[a-z]/.test(role) ? role : `the-${role}`;
}

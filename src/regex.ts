import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** Loaded with the first expression: its tables take 10 ms, and the first frame is drawn without any. */
let engine: typeof RE2JS | undefined;

/** A regular expression that cannot be used. The message says what is wrong with it, in Go's words. */
export class RegexError extends Error {
  readonly code = 'bad-regex';
  override readonly name = 'RegexError';
}

/** Where a regular expression was found: `groups[0]` is the whole; a group that took no part is undefined. */
export interface RegexMatch {
  /** Index of the first character, and of the first one after the match (UTF-16 units). */
  readonly from: number;
  readonly to: number;
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

export interface Regex {
  test(text: string): boolean;
  /** The first match. */
  exec(text: string): RegexMatch | undefined;
  /** Every match anywhere replaced by a template of expandTemplate, as Go's Regexp.ReplaceAllString. */
  replaceAll(text: string, template: string): string;
}

/** Longest pattern, in characters: one of a few thousand names with escapes; more would take seconds to compile. */
const LONGEST_PATTERN = 64 * 1024;

/**
 * A regular expression of a user or a cluster, in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax), which
 * Prometheus, Alertmanager and Go programs have: inline flags, POSIX classes, `\Q…\E`, no look-around and no
 * back-references. Matching takes time linear in the text, whatever the pattern. Throws RegexError.
 *
 * `wholeText` matches as matchers, relabelling and label_replace do: the pattern covers the text from its first to its
 * last character, and the dot matches newlines (Prometheus 3's `^(?s:…)$`). Otherwise the pattern is looked for anywhere,
 * and the dot stops at newlines, as everywhere else in Go. `lines`: `^` and `$` match at each line.
 */
export function compileRegex(
  pattern: string,
  { wholeText = false, lines = false, ignoreCase = false } = {},
): Regex {
  if (pattern.length > LONGEST_PATTERN)
    throw new RegexError(
      `Expected a regular expression of at most ${LONGEST_PATTERN} characters, got ${pattern.length}`,
    );
  const flags = `${wholeText ? 's' : ''}${lines ? 'm' : ''}${ignoreCase ? 'i' : ''}`;
  const compiled = compile(pattern, flags && `(?${flags})`);
  const named = Object.entries(compiled.namedGroups());
  return {
    test: (text) => (wholeText ? compiled.testExact(text) : compiled.test(text)),
    exec: (text) => {
      const matcher = compiled.matcher(text);
      return (wholeText ? matcher.matches() : matcher.find()) ? matchOf(matcher, named) : undefined;
    },
    replaceAll: (text, template) => {
      const matcher = compiled.matcher(text);
      let result = '';
      let at = 0;
      while (matcher.find()) {
        const match = matchOf(matcher, named);
        result += text.slice(at, match.from) + expandTemplate(template, match);
        at = match.to;
      }
      return result + text.slice(at);
    },
  };
}

function compile(pattern: string, flags: string): RE2JS {
  engine ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS;
  try {
    return engine.compile(flags + pattern);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RegexError(message.replace(`\`${flags}`, '`'), { cause });
  }
}

function matchOf(
  matcher: ReturnType<RE2JS['matcher']>,
  named: readonly (readonly [string, number])[],
): RegexMatch {
  const groups = Array.from(
    { length: matcher.groupCount() + 1 },
    (_, index) => matcher.group(index) ?? undefined,
  );
  return {
    from: matcher.start(),
    to: matcher.end(),
    groups,
    named: Object.fromEntries(named.map(([name, index]) => [name, groups[index]])),
  };
}

/** Go's Regexp.Expand: `$1`, `${1}`, `$name`, `$$`; a group that is not there is empty; `$1x` is the group called `1x`. */
export function expandTemplate(template: string, match: RegexMatch): string {
  return template.replace(
    /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu,
    (whole, plain?: string, braced?: string) => {
      if (whole === '$$') return '$';
      const group = plain ?? braced ?? '';
      if (/^\d+$/.test(group)) return match.groups[Number(group)] ?? '';
      return Object.hasOwn(match.named, group) ? (match.named[group] ?? '') : '';
    },
  );
}

/** A silence as Alertmanager's API v2 has it, as far as a person asks. */
interface Silence {
  matchers?: { name?: string; value?: string; isRegex?: boolean; isEqual?: boolean }[];
  endsAt?: string;
  comment?: string;
}

/** `alertname="X", team=~"a|b" until 14:05 UTC ("maintenance")` of the JSON of a silence; undefined for anything else. */
export function silenceWords(json: string): string | undefined {
  let silence: Silence;
  try {
    silence = JSON.parse(json) as Silence;
  } catch {
    return undefined;
  }
  if (!Array.isArray(silence?.matchers)) return undefined;
  const matchers = silence.matchers.map(({ name = '', value = '', isRegex, isEqual = true }) => {
    const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
    return `${name}${operator}"${value}"`;
  });
  const ends = Date.parse(silence.endsAt ?? '');
  return [
    matchers.join(', ') || 'everything',
    ...(Number.isNaN(ends) ? [] : [`until ${new Date(ends).toISOString().slice(11, 16)} UTC`]),
    ...(silence.comment ? [`("${silence.comment.slice(0, 80)}")`] : []),
  ].join(' ');
}

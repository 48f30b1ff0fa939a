/** A silence as Alertmanager's API v2 has it, as far as a person asks. */
interface Silence {
  matchers?: { name?: string; value?: string; isRegex?: boolean; isEqual?: boolean }[];
  startsAt?: string;
  endsAt?: string;
  comment?: string;
}

const dayMs = 86_400_000;

/**
 * `alertname="X", team=~"a|b" until 14:05 UTC ("maintenance")` of the JSON of a silence, with the date where the end is not
 * within a day of its beginning; undefined for anything else.
 */
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
    ...(Number.isNaN(ends) ? [] : [`until ${moment(ends, Date.parse(silence.startsAt ?? ''))} UTC`]),
    ...(silence.comment ? [`("${silence.comment.slice(0, 80)}")`] : []),
  ].join(' ');
}

function moment(ends: number, starts: number): string {
  const [date, time] = new Date(ends).toISOString().split('T') as [string, string];
  const isSoon = !(ends - starts >= dayMs);
  return isSoon ? time.slice(0, 5) : `${date} ${time.slice(0, 5)}`;
}

/**
 * What a later kubectl says otherwise than the one of the recordings (1.32), each with its reason. Reviewed by hand:
 * what is not here must be printed alike by every version of kubectl.
 */
import type { Kubectl } from '../../kubectl.ts';

export interface Rewording {
  /** The first minor version of kubectl 1.x that says it so. */
  since: number;
  why: string;
  /** Matches a part of what was recorded. */
  recorded: RegExp;
  /** In its place; `<namespace>` is that of -n. */
  now: string;
}

/** The minor versions of kubectl 1.x that the list was reviewed for. */
const reviewed = [32, 33, 34, 35];

export const rewordings: readonly Rewording[] = [
  {
    since: 34,
    why: 'describe names the ports',
    recorded:
      /^( {4}(?:Host )?Port: {2}(?:80|0)\/TCP)$(?=[\s\S]* {4}Liveness: {2}http-get http:\/\/:80\/x )/gm,
    now: '$1 (http)',
  },
  {
    since: 33,
    why: 'describe calls the two kinds of optional sources by one name',
    recorded: /^( {4})ConfigMapOptional: {2}<nil>$/gm,
    now: '$1Optional:  false',
  },
  {
    since: 34,
    why: 'the format kyaml is new',
    recorded: /jsonpath-file,name,/g,
    now: 'jsonpath-file,kyaml,name,',
  },
  {
    since: 34,
    why: 'delete names the namespace',
    recorded: /^(\S+ "[^"]*" (?:force )?deleted)/gm,
    now: '$1 from <namespace> namespace',
  },
  {
    since: 34,
    why: 'scale gives the error of the server as it is',
    recorded: /^error: no objects passed to scale (\S+ "[^"]*" not found)$/gm,
    now: 'Error from server (NotFound): $1',
  },
  {
    since: 35,
    why: 'describe names the container that an Event is about',
    recorded: /^( {2}Normal {2}(?:Pulled|Created|Started) {2}<age> {2}kubelet {2})(?=Container )/gm,
    now: '$1spec.containers{app}: ',
  },
  {
    since: 33,
    why: 'describe names the namespace of a DaemonSet',
    recorded: /^(Name: {2}\S+\n)(?=Selector: {2}.*\nNode-Selector: )/gm,
    now: '$1Namespace:  <namespace>\n',
  },
  {
    since: 34,
    why: 'a session warns that it is recorded',
    recorded: /^(?=If you don't see a command prompt)/gm,
    now: 'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\n',
  },
  {
    since: 33,
    why: 'a missing flag is a plain error, not a log line',
    recorded: /^E<log> run\.go:\d+\] "command failed" err="required flag\(s\) \\"(\w+)\\" not set"$/gm,
    now: 'error: required flag(s) "$1" not set',
  },
  {
    since: 34,
    why: 'an empty creationTimestamp is left out of what kubectl itself prints',
    recorded: /^ {2}creationTimestamp: null\n/gm,
    now: '',
  },
];

/** undefined for a kubectl whose output nobody has compared with the recordings yet. */
export function rewordingsOf({ name }: Kubectl): readonly Rewording[] | undefined {
  const minor = Number(/^v1\.(\d+)\./.exec(name)?.[1]);
  return reviewed.includes(minor) ? rewordings.filter(({ since }) => since <= minor) : undefined;
}

/** The recorded output as this kubectl gives it. `args` are those of the command. */
export function reworded(text: string, kubectl: Kubectl, args: readonly string[]): string {
  const namespace = args[args.indexOf('-n') + 1] ?? '';
  return (rewordingsOf(kubectl) ?? []).reduce(
    (current, { recorded, now }) => current.replace(recorded, now.replace('<namespace>', namespace)),
    text,
  );
}

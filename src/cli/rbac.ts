import { stringify } from 'yaml';
import type { Permission } from '../cluster/cluster.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { neededPermissions } from '../fault/preflight.ts';
import { rolesFor, type Subject } from '../fault/roles.ts';
import { loadLibrary } from './library.ts';
import type { PlaceOptions } from './place.ts';
import { setUpEach } from './plans.ts';

export interface RbacOptions extends PlaceOptions {
  name: string;
  user?: string;
  group?: string;
  serviceaccount?: string;
  json?: boolean;
}

/**
 * Prints the least Roles with which these scenarios can be played (all that can be played, if none is named). Reads the
 * cluster with the rights of whoever asks; changes nothing.
 * @throws MisfortuneError `no-subject`, and those of a plan
 */
export async function rbac(names: string[], options: RbacOptions): Promise<void> {
  const subject = subjectOf(options);
  const permissions: Permission[] = [];
  for await (const { setup, plan: compile } of setUpEach(names, options, await loadLibrary(options))) {
    const { plan, guard } = await compile();
    permissions.push(...(await neededPermissions(plan, guard, setup.cluster)));
  }
  const objects = rolesFor(permissions, options.name, subject);
  const text = options.json
    ? JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)
    : objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
  process.stdout.write(`${text.trimEnd()}\n`);
}

function subjectOf({ user, group, serviceaccount }: RbacOptions): Subject {
  const [namespace, account] = serviceaccount?.split(':') ?? [];
  const given: Subject[] = [
    ...(user ? [{ kind: 'User' as const, name: user }] : []),
    ...(group ? [{ kind: 'Group' as const, name: group }] : []),
    ...(namespace && account ? [{ kind: 'ServiceAccount' as const, namespace, name: account }] : []),
  ];
  const [subject] = given;
  if (subject && given.length === 1) return subject;
  throw new MisfortuneError(
    'no-subject',
    'Expected one of --user NAME, --group NAME, --serviceaccount NAMESPACE:NAME: who runs games.',
    { todo: '`kubectl auth whoami` tells who you are.', exitCode: exitCodes.usage },
  );
}

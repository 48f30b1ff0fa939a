/** Who plays where no person does: what such a game leaves out says nothing of its playbook. */
export const scriptedPlayers = { proving: 'validate', authoring: 'author' } as const;

export function isScripted(player: string | undefined): boolean {
  return Object.values<string>(scriptedPlayers).includes(player ?? '');
}

/** Every command of the program: what may follow `misfortune` in the `run:` lines of playbooks and fixes. */
export const commandNames = [
  'play',
  'validate',
  'recover',
  'doctor',
  'announce',
  'scan',
  'rbac',
  'join',
  'dash',
  'scenario',
  'playbook',
  'report',
  'games',
  'backtest',
  'check',
  'mutants',
  'guardian',
  'sandbox',
  'stack',
  'ack',
  'note',
  'diagnose',
  'hint',
  'resolve',
] as const;

export type CommandName = (typeof commandNames)[number];

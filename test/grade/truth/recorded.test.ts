import { recordedGame, truthTable } from './truth.ts';

truthTable('recorded games without a planted flaw', [
  {
    title: 'haymaker by the playbook',
    game: () => recordedGame('haymaker-mitigated'),
    says: ['1 of 1 expected fired', '2 of 2 expected panels showed it'],
    never: [/dead end/],
    letters: { alerts: 'A' },
  },
  {
    title: 'broken-upstream by the playbook, the misleading dashboard first',
    game: () => recordedGame('broken-upstream-mitigated'),
    says: ['shop-overview was opened and none of its'],
  },
]);

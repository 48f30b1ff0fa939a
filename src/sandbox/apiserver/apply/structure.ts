/** How children of a value are told apart. */
export type Structure =
  | { is: 'leaf' }
  | { is: 'fields'; child(key: string): Structure }
  | { is: 'keyed'; keys: string[]; item: Structure }
  | { is: 'set' };

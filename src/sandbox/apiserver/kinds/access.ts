/** Who may do what with a kind, and the subresources that many kinds have. */
import type { Access, Subresource } from './definition.ts';

export const READ = ['get', 'list', 'watch'];
export const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/** Read by all who may look. */
export const readable: Access = { view: READ };

/** Read by all who may look, written by those who may edit. */
export const editable: Access = { view: READ, edit: WRITE };

export const status = (kind: string): Subresource => ({
  name: 'status',
  kind,
  verbs: ['get', 'patch', 'update'],
  access: readable,
});

export const scale: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
  access: editable,
};

export const proxy = (kind: string): Subresource => ({
  name: 'proxy',
  kind,
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
  access: { edit: ['create', 'get'] },
});

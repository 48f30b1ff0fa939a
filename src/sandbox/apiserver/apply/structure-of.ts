import type { ResourceDefinition } from '../kinds/definition.ts';
import { structureOf } from './field-paths.ts';
import type { Structure } from './structure.ts';

/** How the parts of a kind's objects are told apart. */
export const structureFor = ({ model, custom }: Pick<ResourceDefinition, 'model' | 'custom'>): Structure =>
  custom?.structure ?? structureOf(model);

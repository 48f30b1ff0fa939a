/**
 * JavaScript and Node as they were before the program could replace a part of them. What of the preload runs later uses
 * these and plain operators only: no method of a value, no iteration, no destructuring of an array, no promise.
 */
import fs from 'node:fs';

const { bind, call } = Function.prototype;

/** `method.call(self, …)` as a function, which no later change of Function.prototype.call can listen to. */
export function uncurry<T, A extends unknown[], R>(
  method: (this: T, ...args: A) => R,
): (self: T, ...args: A) => R {
  return bind.call(call, method) as (self: T, ...args: A) => R;
}

export const { apply } = Reflect;
export const { parse, stringify } = JSON;
export const { isInteger } = Number;
export const { hasOwn } = Object;
/** Follows every link by asking the kernel. */
export const realPathOf = fs.realpathSync.native;

export const indexOf = uncurry(String.prototype.indexOf);
export const lastIndexOf = uncurry(String.prototype.lastIndexOf);
export const slice = uncurry(String.prototype.slice);
export const startsWith = uncurry(String.prototype.startsWith);

/** A Map whose methods are its own, out of reach of who changes Map.prototype. */
export class OwnMap<K, V> {
  private readonly map = new Map<K, V>();
  get(key: K): V | undefined {
    return mapGet(this.map, key) as V | undefined;
  }
  set(key: K, value: V): void {
    mapSet(this.map, key, value);
  }
  delete(key: K): void {
    mapDelete(this.map, key);
  }
  get size(): number {
    return mapSize(this.map);
  }
}

const mapGet = uncurry(Map.prototype.get);
const mapSet = uncurry(Map.prototype.set);
const mapDelete = uncurry(Map.prototype.delete);
const mapSize = uncurry(
  Object.getOwnPropertyDescriptor(Map.prototype, 'size')!.get as (this: unknown) => number,
);

/** The same for what is known of an object as long as it lives. */
export class OwnWeakMap<K extends object, V> {
  private readonly map = new WeakMap<K, V>();
  get(key: K): V | undefined {
    return weakGet(this.map, key) as V | undefined;
  }
  set(key: K, value: V): void {
    weakSet(this.map, key, value);
  }
  delete(key: K): void {
    weakDelete(this.map, key);
  }
}

const weakGet = uncurry(WeakMap.prototype.get);
const weakSet = uncurry(WeakMap.prototype.set);
const weakDelete = uncurry(WeakMap.prototype.delete);

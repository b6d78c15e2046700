import type { Module } from '../handler.ts';

/** Every module, in the order in which their hooks run. */
export const modules: readonly Module[] = [];

import { afterAll, expect } from 'vitest';
import './patience.ts';
import { stillRunning } from './processes.ts';

// Registered first, so it runs after the file's own afterAll hooks.
afterAll(() => expect(stillRunning(), 'processes left running').toEqual([]));

import type { Registry } from '../core/registry.ts';
import { quay } from './quay.ts';

/** Every dialect: one line a file. Quay is the default of plain `POST /webhook`. */
export const registries: readonly Registry[] = [quay];

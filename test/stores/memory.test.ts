import { createMemoryStore } from '../../src/stores/memory.ts';
import { storeContract } from '../contract/store.ts';

storeContract('memory', () => Promise.resolve(createMemoryStore()));

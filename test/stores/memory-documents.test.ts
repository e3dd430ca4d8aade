import { createMemoryDocuments } from '../../src/stores/memory-documents.ts';
import { documentsContract } from '../contract/documents.ts';

documentsContract('memory', () =>
  Promise.resolve({ documents: createMemoryDocuments(), close: () => Promise.resolve() }),
);

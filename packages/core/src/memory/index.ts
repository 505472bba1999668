export { encryptedMemoryStore } from './encrypted-memory-store.ts'
export { inProcessMemoryStore } from './in-process-memory-store.ts'
export { identityMissing, isOf, matches, memoryId, placeKey } from './place.ts'
export { termHash } from './term-hash.ts'
export type {
  Embedding,
  MemoryAuthor,
  MemoryKind,
  MemoryPlace,
  MemorySource,
  MemoryTier,
  MemoryVersion,
} from './memory.ts'
export type {
  MemoryChanges,
  MemoryOwner,
  MemoryQuery,
  MemorySearch,
  MemorySearched,
  MemoryStore,
} from './memory-store.ts'

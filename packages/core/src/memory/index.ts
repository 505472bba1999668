export { encryptedMemoryStore } from './encrypted-memory-store.ts'
export { inProcessMemoryStore } from './in-process-memory-store.ts'
export { identityMissing, isOf, matches, memoryId, placeKey } from './place.ts'
export type {
  Embedding,
  MemoryAuthor,
  MemoryKind,
  MemoryPlace,
  MemorySource,
  MemoryTier,
  MemoryVersion,
} from './memory.ts'
export type { MemoryChanges, MemoryOwner, MemoryQuery, MemoryStore } from './memory-store.ts'

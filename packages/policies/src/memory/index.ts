export type { Block, Blocks, Turn, Turns } from './blocks.ts'
export { httpEmbedder } from './embedder.ts'
export type { Embedder, HttpEmbedderOptions } from './embedder.ts'
export type { MemoryCaller, NamespaceGrants, Namespaces, Whose } from './identity.ts'
export { memoryLine } from './inject/memory-line.ts'
export type {
  InjectOptions,
  MemoryLineOptions,
  MemoryToolsOptions,
  SessionTurnsOptions,
} from './inject/options.ts'
export { memory } from './memory.ts'
export type {
  LearnRequest,
  Memory,
  MemoryExport,
  MemoryOptions,
  RecallDefaults,
  RecallRequest,
  RememberRequest,
  SessionRequest,
} from './memory.ts'
export type { RecallHit, RecallScores } from './recall/rank.ts'
export { memoryMark, withoutMemories } from './remember/gate.ts'
export type { RefusalReason } from './remember/gate.ts'
export { httpExtractor } from './remember/http-extractor.ts'
export type { HttpExtractorOptions } from './remember/http-extractor.ts'
export type { Extract, ExtractedMemory, ExtractionBudget, SpokenMessage } from './remember/learn.ts'
export type { RememberOutcome } from './remember/remember.ts'

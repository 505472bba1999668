export { context } from './context.ts'
export { TokenCounter } from './count/token-counter.ts'
export type { TokenCount } from './count/token-counter.ts'
export type { ContextOptions, ContextWindow, Pin, SummaryOptions } from './options.ts'

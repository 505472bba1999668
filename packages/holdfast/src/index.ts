export { HoldfastError } from '@holdfast/core'
export type {
  Call,
  CallEvent,
  ErrorCode,
  Failure,
  Frame,
  Identity,
  Interceptor,
  LlmCall,
  LlmReply,
  LlmRequest,
  Next,
  ReplyEvent,
  Run,
  RunOptions,
  ToolCall,
  ToolReply,
  Usage,
} from '@holdfast/core'
export { watchReply } from '@holdfast/core'
export type { Adapter, AdapterHost, AdapterTarget, RunHint, ToolStart } from './adapters/adapter.ts'
export type { AdapterReport } from './adapters/attach.ts'
export { fetch } from './fetch.ts'
export { instrument } from './instrument.ts'
export type { Holdfast } from './instrument.ts'
export type { HoldfastOptions } from './options.ts'
export type { Report } from './report.ts'
export { run } from './run.ts'
export type { Bug, CaughtCalls, PassingCalls } from './sightings.ts'
export { tool } from './tool.ts'
export type { ToolOptions } from './tool.ts'

export { HoldfastError } from '@holdfast/core'
export type {
  Call,
  CallEvent,
  Effect,
  EffectInDoubt,
  EffectResolution,
  ErrorCode,
  Failure,
  Frame,
  Identity,
  InDoubtPolicy,
  Interceptor,
  JournalQuery,
  JournalRun,
  JournalStore,
  LlmCall,
  LlmReply,
  LlmRequest,
  Next,
  ReplyEvent,
  Run,
  RunOptions,
  ToolCall,
  ToolReply,
  ToolResultForm,
  Usage,
} from '@holdfast/core'
export { currentEffect, watchReply } from '@holdfast/core'
export type {
  Adapter,
  AdapterHost,
  AdapterTarget,
  ChangedArguments,
  RunHint,
  ToolStart,
} from './adapters/adapter.ts'
export { createAdapter } from './adapters/create-adapter.ts'
export type {
  AdapterDescription,
  RunMethod,
  ToolMethod,
  ToolUse,
} from './adapters/create-adapter.ts'
export type { AdapterReport } from './adapters/attach.ts'
export type {
  ApprovalChannelSetting,
  ApprovalsApi,
  ApprovalSettings,
} from './approvals/approval-settings.ts'
export type { AuditSettings } from './audit/audit-options.ts'
export type { AwsCredentials, AwsOptions } from './aws/credentials.ts'
export { fetch } from './fetch.ts'
export { instrument } from './instrument.ts'
export type { Holdfast } from './instrument.ts'
export type { AuditHead } from '@holdfast/audit'
export type { JournalSettings } from './journal/journal-options.ts'
export type { Divergence, EncryptionOptions, Masker, ReadEntry, RunsApi } from '@holdfast/journal'
export {
  capReachedOf,
  CapReachedError,
  LoopDetectedError,
  ReplyRejectedError,
} from '@holdfast/policies/governance'
export type {
  ConfidenceReview,
  Escalation,
  GovernanceOptions,
  PartialRun,
} from '@holdfast/policies/governance'
export type {
  ApprovalChannel,
  ApprovalRequest,
  ApproveOptions,
  DenyOptions,
  Remember,
  WebhookOptions,
} from '@holdfast/policies/approvals'
export type {
  FlowRule,
  GateRow,
  ToolDeclaration,
  ToolGateOptions,
  ToolGatePreset,
  ToolRule,
} from '@holdfast/policies/tool-gate'
export { interruptionOf } from '@holdfast/policies/reliability'
export type {
  PartialReply,
  PartialToolCall,
  StreamInterruptedError,
} from '@holdfast/policies/reliability'
export type { MemoryApi } from './memory/open-memory.ts'
export type {
  EmbedderSettings,
  EmbedFunction,
  ExtractorSettings,
  MemorySettings,
} from './memory/memory-settings.ts'
export type {
  Block,
  Blocks,
  Embedder,
  Extract,
  ExtractedMemory,
  LearnRequest,
  MemoryExport,
  RecallHit,
  RecallRequest,
  RememberOutcome,
  RememberRequest,
  SpokenMessage,
  Turn,
  Turns,
} from '@holdfast/policies/memory'
export type { RedisStoreSetting, SqliteStoreSetting, StoreSetting } from './limit-store.ts'
export type { HoldfastOptions } from './options.ts'
export type {
  AccessList,
  InjectionResponse,
  InjectionSettings,
  OperationRate,
  OutputOptions,
  OutputPattern,
  PermissionOptions,
  PermissionRule,
  PersonalDataOptions,
  Recognizer,
  RedactionMode,
  RedactionOptions,
  SecurityOptions,
} from '@holdfast/policies/security'
export type { Report } from './report.ts'
export { run } from './run.ts'
export type { Bug, CaughtCalls, PassingCalls } from './sightings.ts'
export { tool } from './tool.ts'
export type { ToolOptions } from './tool.ts'
export type { UnseenTool } from './unseen-tools.ts'
export { wrapTools } from './wrap-tools.ts'
export type { WrapToolsOptions } from './wrap-tools.ts'

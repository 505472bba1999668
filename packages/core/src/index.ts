export type {
  ApprovalAnswer,
  ApprovalBinding,
  ApprovalQuestion,
  Approver,
  AskHow,
} from './approvals/approval.ts'
export { canonicalArguments } from './approvals/canonical-arguments.ts'
export type { CanonicalArguments } from './approvals/canonical-arguments.ts'
export { assemble } from './assemble.ts'
export { atExit } from './at-exit.ts'
export type { AssembledChoice, AssembledMessage, AssembledToolCall } from './assemble.ts'
export { findList, nextElement } from './body-parts.ts'
export type { ListPlace } from './body-parts.ts'
export { LlmCall } from './call.ts'
export type { ToolResultForm } from './call.ts'
export type { Call, LlmCallChanges, LlmCallFacts, Target, ToolCall } from './call.ts'
export type { CallEvent } from './call-event.ts'
export { commonEnd, commonStart, startsAlike } from './common-ends.ts'
export { isContinuation } from './continuation.ts'
export { errorWord } from './error-word.ts'
export { HoldfastError } from './errors.ts'
export type { ErrorCode } from './errors.ts'
export { isContent } from './event.ts'
export type { FinishReason, ReplyEvent, Usage } from './event.ts'
export type { Failure } from './failure.ts'
export { bytesBody, hostOf, httpHeaders, withHeaders } from './http.ts'
export type {
  HttpBody,
  HttpHandler,
  HttpHeaders,
  HttpLayer,
  HttpRequest,
  HttpResponse,
  Transport,
  TransportProgress,
} from './http.ts'
export { compose, failOpen } from './interceptor.ts'
export type { Interceptor, Next, ReplyOf } from './interceptor.ts'
export type { Loss } from './loss.ts'
export { currentEffect, enterEffect } from './journal/current-effect.ts'
export type { Effect } from './journal/current-effect.ts'
export type { EffectInDoubt, EffectResolution, InDoubtPolicy } from './journal/in-doubt.ts'
export type {
  AcquireAnswer,
  AcquireRun,
  JournalBlob,
  JournalEntry,
  JournalLease,
  JournalQuery,
  JournalRun,
  JournalRunChange,
  JournalRunFacts,
  JournalRunState,
  JournalStore,
  LeaseOwner,
} from './journal/journal-store.ts'
export type { PolicyDecision, PolicyVerdict } from './policy-decision.ts'
export { present } from './present.ts'
export { openReply } from './open-reply.ts'
export { claimFile, claimFolder } from './own-file.ts'
export { ReplyAround, ReplyWatchers, watchReply } from './reply.ts'
export type { Frame, LlmReply, ReplyWatch, ToolReply } from './reply.ts'
export type {
  LlmRequest,
  MediaPart,
  Message,
  OtherPart,
  OutputFormat,
  Part,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart,
  ToolChoice,
  ToolDefinition,
  ToolResultPart,
} from './request.ts'
export { childRun, currentRun, enterRun, rootRun } from './run.ts'
export type { Identity, Run, RunOptions } from './run.ts'
export { translateReply } from './translate-reply.ts'
export type {
  AnswerLimits,
  ComposedRequest,
  Operation,
  ReplyFacts,
  ReplyReader,
  ReplyWriter,
  RequestFacts,
  ToolCallEdit,
  ToolCallEditFacts,
  WireFormat,
  WriterFacts,
} from './wire-format.ts'

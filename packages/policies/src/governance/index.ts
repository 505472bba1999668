export { aroundCall, governance } from './governance.ts'
export type { Governance, GovernancePorts } from './governance.ts'
export type { GovernanceOptions } from './options.ts'
export { capReachedOf, CapReachedError } from './caps/cap-reached-error.ts'
export type { CapReachedFacts, PartialRun } from './caps/cap-reached-error.ts'
export type { CapName, CapOptions, CapScope, SpendingOptions } from './caps/options.ts'
export type { ConfidenceEscalation, Escalation, LoopEscalation } from './escalation.ts'
export type { ConfidenceOptions, ConfidenceReview, ConfidenceScore } from './confidence/options.ts'
export { LoopDetectedError } from './loops/loop-detected-error.ts'
export type { LoopFinding, LoopMessage, LoopOptions, LoopPattern } from './loops/options.ts'
export type {
  AnswerCheck,
  AnswerIssue,
  AnswerVerdict,
  ValidationOptions,
} from './validation/options.ts'
export { ReplyRejectedError } from './validation/reply-rejected-error.ts'

import type { ApprovalRecord } from '@holdfast/core/approvals'
import type { ApproveOptions, DenyOptions } from './desk.ts'

/** A question that is open, and the ways to answer it. */
export interface ApprovalRequest {
  readonly record: ApprovalRecord
  /** Aborts when it was answered otherwise, its time is over, or nobody waits for it any more. */
  readonly signal: AbortSignal
  readonly approve: (options?: ApproveOptions) => Promise<ApprovalRecord>
  readonly deny: (reason?: string, options?: DenyOptions) => Promise<ApprovalRecord>
}

/** A way to reach people. It shows questions and hands in answers; the truth is in the store. */
export interface ApprovalChannel {
  readonly name: string
  /**
   * Tells a question. Resolves when it was told, or answered where that is the same; rejects where nobody could be
   * reached, which is reported and ends nothing.
   */
  tell(request: ApprovalRequest): Promise<void>
  close?(): Promise<void>
}

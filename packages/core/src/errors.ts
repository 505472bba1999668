/** Stable failure codes. Programs branch on these, never on messages. Each has a line in docs/errors.md. */
export type ErrorCode =
  | 'APPROVAL_DECIDED'
  | 'APPROVAL_PENDING'
  | 'APPROVAL_UNKNOWN'
  | 'AUDIT_UNUSABLE'
  | 'BUDGET_SPENT'
  | 'CALL_REFUSED'
  | 'CALL_TIMED_OUT'
  | 'CAP_REACHED'
  | 'CIRCUIT_OPEN'
  | 'CONFIG_INVALID'
  | 'CONTEXT_TOO_LONG'
  | 'EFFECT_IN_DOUBT'
  | 'IDENTITY_MISSING'
  | 'JOURNAL_UNUSABLE'
  | 'KEY_WRONG'
  | 'LIMIT_REACHED'
  | 'LOOP_DETECTED'
  | 'OPTIONS_INVALID'
  | 'PERMISSION_DENIED'
  | 'REPLY_INVALID'
  | 'REPLY_REJECTED'
  | 'RUN_DIVERGED'
  | 'RUN_HELD'
  | 'RUN_TAKEN_OVER'
  | 'STORE_UNREACHABLE'
  | 'STORE_UNUSABLE'
  | 'STREAM_INCOMPLETE'
  | 'STREAM_INTERRUPTED'
  | 'STREAM_STALLED'
  | 'TOOL_REFUSED'

/** Every failure this SDK raises by itself. Upstream failures pass through unwrapped. */
export class HoldfastError extends Error {
  override readonly name: string = 'HoldfastError'
  readonly code: ErrorCode
  /** True when the same call may well succeed later, unchanged. */
  readonly retryable: boolean
  /** From when on trying again makes sense, where that is known. */
  readonly retryAt: Date | undefined
  readonly isHoldfastError: true = true

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable?: boolean; retryAt?: Date; cause?: unknown } = {},
  ) {
    super(`[${code}] ${message}`, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAt = options.retryAt
  }

  /** True for any copy of this class, also one from another installed version. */
  static is(value: unknown): value is HoldfastError {
    return value instanceof Error && 'isHoldfastError' in value
  }
}

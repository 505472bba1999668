import { HoldfastError } from '@holdfast/core'
import type { ErrorCode } from '@holdfast/core'
import type { FaultName } from './faults.ts'

/** A failure that a reliability policy raises by itself, with its row of the decision table. */
export class FaultError extends HoldfastError {
  readonly fault: FaultName

  constructor(
    code: ErrorCode,
    fault: FaultName,
    message: string,
    options: { retryable?: boolean; retryAt?: Date; cause?: unknown } = {},
  ) {
    super(code, message, { retryable: true, ...options })
    this.fault = fault
  }
}

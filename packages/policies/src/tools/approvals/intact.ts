import { hash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import { isSealed } from '@holdfast/core/approvals'
import type { ApprovalRecord } from '@holdfast/core/approvals'

/**
 * The record, if its texts are what its hashes are of: what is shown is what was asked and what may be executed.
 * @throws HoldfastError STORE_UNUSABLE where somebody has changed one of them, KEY_WRONG where they are encrypted
 */
export function intact(record: ApprovalRecord): ApprovalRecord {
  const { id, argumentsText, argumentsHash, editedText, approvedHash } = record
  const asked = isOf(argumentsHash, argumentsText)
  const approved = approvedHash === undefined || isOf(approvedHash, editedText ?? argumentsText)
  if (asked && approved) return record
  if (isSealed(argumentsText) || isSealed(editedText ?? '')) {
    throw new HoldfastError(
      'KEY_WRONG',
      `approval ${id} is encrypted, and there is no key: set HOLDFAST_KEY`,
    )
  }
  throw new HoldfastError(
    'STORE_UNUSABLE',
    `approval ${id} was changed in its store: its arguments are not those that its hash is of`,
  )
}

/** True where the hash is of this text. */
export function isOf(argumentsHash: string, argumentsText: string): boolean {
  return hash('sha256', argumentsText) === argumentsHash
}

import type { AuditLogOptions } from '@holdfast/audit'

/** What is written of who decided what, and where. */
export interface AuditSettings extends Pick<AuditLogOptions, 'key' | 'anchor' | 'maxFileBytes'> {
  /** @default what HOLDFAST_AUDIT says, else `.holdfast/audit` in the working folder */
  readonly folder?: string
  /** Where the log cannot be written: tools are not run, or they are, and you are told. @default 'closed' */
  readonly onFailure?: 'closed' | 'open'
}

export type { AnchorIntervals } from './anchor/anchor-keeper.ts'
export type { AnchorPlace } from './anchor/anchor.ts'
export type { AuditHead } from './anchor/head.ts'
export type {
  AuditEntry,
  AuditLink,
  AuditPermission,
  AuditRow,
  AuditWho,
  ConfigurationLoaded,
  DecisionMade,
  RowsLost,
  SegmentClosed,
  SegmentOpened,
  ToolEnded,
  ToolStarted,
} from './entry.ts'
export { readKey } from './key.ts'
export type { AuditKey } from './key.ts'
export { auditLog } from './log/audit-log.ts'
export type { AuditLog, AuditLogOptions } from './log/audit-log.ts'
export type { AuditFinding, AuditFindingKind, AuditReport } from './verify/finding.ts'
export { verifyLog } from './verify/verify-log.ts'
export type { VerifyOptions } from './verify/verify-log.ts'
export { accessOf } from './read/access.ts'
export type {
  AccessQuery,
  AccessReport,
  DataUse,
  RuleUse,
  ToolAccess,
  UnusedPermission,
} from './read/access.ts'
export { readLog } from './read/read-log.ts'
export type { LoggedRow } from './read/read-log.ts'

export type {
  ApprovalDecision,
  ApprovalQuery,
  ApprovalRecord,
  ApprovalState,
  ApprovalStore,
  ArgumentPattern,
  AskApproval,
  AskedApproval,
  AtExpiry,
  BoundCall,
  StickyDecision,
  StickyScope,
} from './approval-store.ts'
export { encryptedApprovalStore, isSealed } from './encrypted-approval-store.ts'
export {
  ask,
  callKey,
  decide,
  isApproved,
  isForgettable,
  isStickyForgettable,
  keysOf,
  redeem,
  standing,
  unknownApproval,
  withdraw,
} from './ledger.ts'
export type { ApprovalTable } from './ledger.ts'
export { memoryApprovalStore } from './memory-approval-store.ts'

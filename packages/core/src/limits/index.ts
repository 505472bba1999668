export { admit, circuitFailed, circuitSucceeded, renew, settle } from './ledger.ts'
export type { LimitKind, LimitTable } from './ledger.ts'
export type {
  Admission,
  AdmissionRequest,
  BudgetClaim,
  CircuitRules,
  Holding,
  LimitStore,
  RateClaim,
  Refusal,
  Settlement,
  SlotClaim,
} from './limit-store.ts'
export { memoryLimitStore } from './memory-limit-store.ts'

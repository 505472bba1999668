import type { ApprovalBinding, ApprovalQuestion } from './approval.ts'

/** `used`: an approved call was about to be executed, and no other one may be. */
export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired' | 'used'

/** What silence means. */
export type AtExpiry = 'deny' | 'allow'

/** A call as a store knows it: of a run that has a name. */
export interface BoundCall extends ApprovalBinding {
  readonly runId: string
}

/** A question, and what became of it. Times are Date.now() milliseconds, by the store's clock. */
export interface ApprovalRecord extends Omit<ApprovalQuestion, 'runId' | 'callId'> {
  readonly id: string
  readonly runId: string
  /** It is the n-th question of this call in its run, counted from 1. */
  readonly ordinal: number
  readonly state: ApprovalState
  readonly atExpiry: AtExpiry
  readonly createdAtMs: number
  /** How long a question waits, and how long its answer stands. */
  readonly lifetimeMs: number
  /** Until when it waits; once it is answered: until when the answer stands. */
  readonly expiresAtMs: number
  /** Who decided, as the channel names them; `rule` for a sticky decision, `expiry` for silence. */
  readonly decidedBy?: string | undefined
  readonly decidedAtMs?: number | undefined
  /** For the model; one sentence. */
  readonly denialReason?: string | undefined
  /** Other arguments than those asked about, as canonical JSON. */
  readonly editedText?: string | undefined
  /** SHA-256 of what may be executed; undefined while nothing may be. */
  readonly approvedHash?: string | undefined
  /** The sticky decision that answered. */
  readonly stickyId?: string | undefined
  readonly usedAtMs?: number | undefined
}

/** An answer to a question. */
export type ApprovalDecision =
  | {
      readonly verdict: 'approved'
      readonly by: string
      /** What may be executed in place of what was asked about. */
      readonly edited?: { readonly text: string; readonly hash: string } | undefined
      readonly stickyId?: string | undefined
    }
  | {
      readonly verdict: 'denied'
      readonly by: string
      readonly reason: string
      readonly stickyId?: string | undefined
    }

export interface AskApproval {
  /** Of the record, where it becomes a new one. */
  readonly id: string
  readonly question: Omit<ApprovalQuestion, 'callId'> & { readonly runId: string }
  readonly lifetimeMs: number
  readonly atExpiry: AtExpiry
  /** Questions of the same call that somebody else waits for or goes by. */
  readonly except?: readonly string[]
  /** It is answered before anybody is asked. */
  readonly answer?: ApprovalDecision | undefined
}

export interface AskedApproval {
  readonly record: ApprovalRecord
  readonly isNew: boolean
}

export interface ApprovalQuery {
  readonly states?: readonly ApprovalState[]
  readonly runId?: string
  /** @default 100, the latest first */
  readonly limit?: number
}

/** How far a remembered decision reaches: the run, the session or the agent of the question, or everybody of its tenant. */
export type StickyScope = 'run' | 'session' | 'agent' | 'always'

/**
 * A decision that answers later questions too: those of the same tool that the same rule asks, of the same tenant, and
 * unless it is for always of the same user.
 */
export interface StickyDecision {
  readonly id: string
  readonly verdict: 'approved' | 'denied'
  readonly tool: string
  readonly rule: string
  /** Only while the tool has this class. */
  readonly toolClass?: string | undefined
  /** Only for arguments that are these; undefined for all. */
  readonly arguments?: ArgumentPattern | undefined
  readonly scope: StickyScope
  readonly runId?: string | undefined
  readonly session?: string | undefined
  readonly agent?: string | undefined
  readonly tenant?: string | undefined
  readonly user?: string | undefined
  /** For the model, where it is a denial. */
  readonly reason?: string | undefined
  readonly by: string
  readonly createdAtMs: number
  readonly revokedBy?: string | undefined
  readonly revokedAtMs?: number | undefined
}

/** Arguments that are equal to these, but for the members that a pattern is given for. */
export interface ArgumentPattern {
  /** Canonical JSON. */
  readonly text: string
  /** By the name of an outermost member: a text in which each `*` stands for one word. */
  readonly members: Readonly<Record<string, string>>
}

/**
 * Where questions and their answers are kept: the only truth about them. What it says it has done, it has done once,
 * whoever else asks it at the same moment.
 */
export interface ApprovalStore {
  /** `memory`, `sqlite`, `redis`. */
  readonly name: string
  /** Whether other processes see the same. */
  readonly shared: boolean
  /** Joins the question of this call that is open or answered, or makes a new one. */
  ask(asked: AskApproval): Promise<AskedApproval>
  find(id: string): Promise<ApprovalRecord | undefined>
  /**
   * Answers a question that nobody has answered.
   * @throws HoldfastError APPROVAL_DECIDED where somebody has, or nobody in time; APPROVAL_UNKNOWN
   */
  decide(id: string, decision: ApprovalDecision): Promise<ApprovalRecord>
  /**
   * Turns an approval that was not used into a denial.
   * @throws HoldfastError APPROVAL_DECIDED where there is none any more; APPROVAL_UNKNOWN
   */
  withdraw(
    id: string,
    denial: { readonly by: string; readonly reason: string },
  ): Promise<ApprovalRecord>
  /** Uses up an approval of exactly this call: one of those who ask gets it. */
  redeem(call: BoundCall): Promise<ApprovalRecord | undefined>
  list(query?: ApprovalQuery): Promise<readonly ApprovalRecord[]>
  /**
   * Ends questions whose time is over, and answers them. What was asked before `forgetBeforeMs` and waits for nothing
   * goes, with sticky decisions of its age that were revoked or are of one run.
   */
  expire(forgetBeforeMs?: number): Promise<readonly ApprovalRecord[]>
  remember(decision: Omit<StickyDecision, 'createdAtMs'>): Promise<StickyDecision>
  /** All of them, also revoked ones, the latest first. */
  stickyDecisions(): Promise<readonly StickyDecision[]>
  /** @throws HoldfastError APPROVAL_UNKNOWN */
  revoke(id: string, by: string): Promise<StickyDecision>
  close(): Promise<void>
}

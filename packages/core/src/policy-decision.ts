import type { Run } from './run.ts'

/** What a policy does about something that a model or a tool is about to do. */
export type PolicyVerdict =
  | 'allow'
  | 'ask'
  | 'deny'
  | 'dry-run'
  /** It goes on with something taken out or put in. */
  | 'change'
  /** It goes on, and somebody is told: the model or a person. */
  | 'warn'

/** One decision of a policy: who may do what, and why. Holds no content: no argument, no prompt, no key. */
export interface PolicyDecision {
  /** The family and the policy: `tools.gate`, `tools.approvals`, `governance.caps`, `security.redaction` … */
  readonly policy: string
  readonly verdict: PolicyVerdict
  /** False where the policy only watches: what it would have done did not happen. */
  readonly enforced: boolean
  /** Stable name of the rule that decided: `shell.recursive-delete`. */
  readonly rule: string
  /** Version of the rules, where they have one. */
  readonly version?: string | undefined
  /** One sentence, without content. */
  readonly reason: string
  /** What it is about. */
  readonly subject: {
    readonly kind: 'tool' | 'model' | 'host' | 'text' | 'run'
    readonly name: string
    /** The class of a tool. */
    readonly toolClass?: string | undefined
    /** Which kinds of data took part: `email`, `credit-card`, `secret`. */
    readonly data?: readonly string[] | undefined
  }
  /** SHA-256 of the canonical arguments, in hexadecimal, where it is about a tool call. */
  readonly argumentsHash?: string | undefined
  /** From 0 to 1, where the policy scores. */
  readonly score?: number | undefined
  /** The call in which it was made. */
  readonly callId: string
  readonly run: Run | undefined
  /** The person who decided, as the channel names them; undefined where a rule did. */
  readonly by?: string | undefined
}

/** What an approval is good for: this call of this tool with these arguments, in this run. */
export interface ApprovalBinding {
  /** Undefined where nobody knows of a run; the approval is then good in this process only. */
  readonly runId: string | undefined
  readonly tool: string
  /** SHA-256 of the canonical arguments (see `argumentsHash`), in hexadecimal. */
  readonly argumentsHash: string
}

/** What somebody is asked. */
export interface ApprovalQuestion extends ApprovalBinding {
  /** What will be executed if the answer is yes: canonical JSON, exactly what the hash is of. */
  readonly argumentsText: string
  readonly toolClass: string
  /** Stable name of the rule that asks. */
  readonly rule: string
  /** Why it is asked; one sentence. */
  readonly reason: string
  readonly session?: string | undefined
  readonly tenant?: string | undefined
  readonly user?: string | undefined
  readonly agent?: string | undefined
  /** The call in which it is asked; appears in events. */
  readonly callId?: string | undefined
}

/** What whoever asks can say of the arguments that a person writes in place of those shown. */
export interface AskHow {
  /** What is wrong with them, in one sentence; undefined where nothing is. Wrong ones never count. */
  readonly checkEdited?: (argumentsText: string) => string | undefined | Promise<string | undefined>
}

/** What came of it. `expired` carries what the options say of silence. */
export type ApprovalAnswer =
  | {
      readonly verdict: 'approved'
      readonly id: string
      /** Who decided, as the channel names them; `rule` for a sticky decision, `expiry` for silence. */
      readonly by: string
      /** Other arguments than those asked about, as canonical JSON; undefined where they stay. */
      readonly editedText?: string | undefined
    }
  | {
      readonly verdict: 'denied'
      readonly id: string
      readonly by: string
      /** For the model; one sentence. */
      readonly reason: string
    }

/** Asks people, and keeps their answers. */
export interface Approver {
  /**
   * Resolves when somebody has decided, or time has run out. Asked the same again before that, by this process or by
   * the one that goes on with the run, it is the same question.
   * @throws HoldfastError APPROVAL_PENDING where the options say that nobody waits in the process: the answer is there
   * when the run is gone on with. STORE_UNREACHABLE where the store cannot be asked: nothing may happen then.
   */
  ask(
    question: ApprovalQuestion,
    signal: AbortSignal | undefined,
    how?: AskHow,
  ): Promise<ApprovalAnswer>
  /**
   * Uses up an approval of this very call: true once for each approval, across processes, false where there is none.
   * The arguments are those that are about to be executed.
   */
  redeem(binding: ApprovalBinding): Promise<boolean>
}

/** When an agent is taken to go in circles, and what is done about it. */
export interface LoopOptions {
  /**
   * `observe`: it is told as an event. `hint`: the model is told too. `enforce`: where that does not help, the call is
   * refused, and then the run ended. @default 'observe'
   */
  readonly mode?: 'observe' | 'hint' | 'enforce'
  /** The same call with the same result, so often. @default 3 */
  readonly repeats?: number
  /** Two calls in turn with the same results, so many rounds. @default 3 */
  readonly pingPongs?: number
  /** So many steps in a row of which none tells anything new. @default 6 */
  readonly withoutProgress?: number
  /** Tools that may be called again and again, and how often with the same result: `{ get_status: 50 }`. */
  readonly allowRepeats?: Readonly<Record<string, number>>
  /** Tools that wait for something: their repeats are left alone. */
  readonly polling?: readonly string[]
  /** Puts the last messages' text into escalations. @default false */
  readonly showContent?: boolean
}

/** What repeats. */
export type LoopPattern = 'repeat' | 'ping-pong' | 'no-progress'

/** A loop that was found. */
export interface LoopFinding {
  readonly pattern: LoopPattern
  /** The tools that take part; empty where only texts repeat. */
  readonly tools: readonly string[]
  /** How often it was seen, the latest included. */
  readonly times: number
}

/** One message of a conversation, told without its content. */
export interface LoopMessage {
  readonly role: 'assistant' | 'tool'
  readonly tool?: string
  readonly characters: number
  /** Beginning of a SHA-256: equal messages have equal ones. */
  readonly hash: string
  readonly text?: string
}

/** Which results of tools do more harm than good in a conversation. */
export interface ContextGateOptions {
  /** An error that was there before, of the same call, is said in short. @default true */
  readonly repeatedErrors?: boolean
  /** After so many failed calls in a row the next ones are said in short, and the model is told to try another way. @default 3 */
  readonly failuresInARow?: number | false
  /** From which score of the injection scanner on a result is left out. @default 9 */
  readonly injectedAt?: number | false
  /**
   * From which score on a result is left out that a later one contradicts; the later one stays. 1: the same call was
   * answered otherwise; below it, the share of what two results say of the same thing (objects of one id, numbers that a
   * sentence gives) that differs. What goes out changes at that place once. @default false
   */
  readonly contradictedAt?: number | false
  /** A score of your own; from 1 on a result is left out. */
  readonly score?: (result: ScoredResult) => number
}

/** A result as a score of your own sees it. */
export interface ScoredResult {
  readonly tool: string
  /** JSON text. */
  readonly arguments: string
  readonly text: string
  readonly isError: boolean
  /** How much a later result contradicts it, from 0 to 1. */
  readonly contradicted: number
}

/**
 * What is done about a text that gives orders to the model.
 * - `observe`: a decision is told, and the text goes on
 * - `mark`: the model gets it as data
 * - `withhold`: the model is told that there was something; what is less sure is marked
 * - `refuse`: the call is refused; what is less sure is marked
 * - `ask`: a person decides whether it goes on; what is less sure is marked
 */
export type InjectionResponse = 'off' | 'observe' | 'mark' | 'withhold' | 'refuse' | 'ask'

/** What is done about injected instructions. */
export interface InjectionSettings {
  /** @default 'observe' */
  readonly toolResults?: InjectionResponse
  /** @default 'observe' */
  readonly userText?: InjectionResponse
  /** From this score a text is told of, and marked. @default 4 */
  readonly markAt?: number
  /** From this score it is withheld, refused or asked about. @default 9 */
  readonly withholdAt?: number
}

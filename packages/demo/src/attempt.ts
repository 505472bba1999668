/** One request that an agent sent upstream, as seen from the provider's side. */
export interface Attempt {
  /** Milliseconds since 1970, so that clocks of several processes agree. */
  readonly atMs: number
  /** Undefined while it is under way. */
  readonly endedAtMs: number | undefined
  readonly provider: 'primary' | 'backup'
  /** Which of the agent's questions it asked, from 0; undefined where nobody was there to hear it. */
  readonly turn: number | undefined
  /** What came back, in a few words. */
  readonly shown: string
  readonly failed: boolean
  /** The client gave up on it. */
  readonly abandoned: boolean
  /** What the provider counted; undefined for answers that were not given to their end. */
  readonly tokens?: { readonly input: number; readonly output: number }
}

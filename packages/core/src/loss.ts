/** Something of a request or reply that another format has no word for. */
export interface Loss {
  /** In words of the neutral form: `top-k`, `document by URL`, `provider tool web_search`. */
  readonly what: string
  /** Where it stood: `request`, `messages[3]`, `tools`, `reply`. */
  readonly where: string
  /** `meaning`: without it the model is asked something else, or the answer says less. */
  readonly severity: 'detail' | 'meaning'
}

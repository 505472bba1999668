import type { Frame } from '@holdfast/core'

/**
 * How likely the model found its own words: the geometric mean of their probabilities. Reads the bytes of OpenAI Chat
 * and Responses, whole or streamed, as they go by.
 */
export class Logprobs {
  readonly #decoder = new TextDecoder()
  #line = ''
  #sum = 0
  #count = 0

  /** Takes a piece of a stream. */
  piece({ bytes }: Frame): void {
    const lines = (this.#line + this.#decoder.decode(bytes, { stream: true })).split('\n')
    this.#line = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data:') && line.includes('"logprob"')) this.#read(line.slice(5))
    }
  }

  /** Takes a whole answer. */
  whole({ bytes }: Frame): void {
    this.#read(this.#decoder.decode(bytes))
  }

  /** Undefined where the answer does not tell. */
  get score(): number | undefined {
    return this.#count === 0 ? undefined : Math.exp(this.#sum / this.#count)
  }

  #read(json: string): void {
    let body: Body
    try {
      body = JSON.parse(json) as Body
    } catch {
      return
    }
    // The closing events of Responses repeat what its deltas have said.
    if (body.type !== undefined && body.type !== 'response.output_text.delta') return
    this.#add(body.choices?.[0]?.logprobs?.content)
    this.#add(body.logprobs)
    for (const item of body.output ?? [])
      for (const part of item.content ?? []) this.#add(part.logprobs)
  }

  #add(tokens: unknown): void {
    if (!Array.isArray(tokens)) return
    for (const { logprob } of tokens as { logprob?: unknown }[]) {
      if (typeof logprob !== 'number') continue
      this.#sum += logprob
      this.#count++
    }
  }
}

/** What is looked for; anything else may be there. */
interface Body {
  readonly type?: string
  readonly logprobs?: unknown
  readonly choices?: readonly { readonly logprobs?: { readonly content?: unknown } | null }[]
  readonly output?: readonly { readonly content?: readonly { readonly logprobs?: unknown }[] }[]
}

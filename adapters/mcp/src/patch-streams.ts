import type { AdapterHost } from 'holdfast'
import type { Call, Client, RunTool } from './patch-client.ts'

/** What the stream of a call says; it ends with a result or an error. */
type Message =
  | { readonly type: 'taskCreated' | 'taskStatus' }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly error: unknown }

/** Where tasks keep the client that they are of. */
const ofClient = '_client'

interface Tasks {
  readonly [ofClient]: Client
}

type CallToolStream = (
  this: Tasks,
  call: Call,
  ...rest: unknown[]
) => AsyncGenerator<Message, void, void>

const method = 'callToolStream'

/** Version 1 of the SDK also calls tools as tasks, and tells how they go: `client.experimental.tasks.callToolStream()`. */
export function patchStreams(client: object, host: AdapterHost, runTool: RunTool): void {
  // Their class is not exported; a client without a server has them too.
  const { tasks } = (Reflect.get(client, 'experimental', Object.create(client)) ?? {}) as {
    readonly tasks?: object
  }
  const owner = tasks && host.ownerOf(tasks, method)
  if (owner === undefined) return
  host.patch<CallToolStream>(
    owner,
    method,
    (original) =>
      async function* callToolStream(call, ...rest) {
        const passage = new Passage()
        const answer = runTool(this[ofClient], call, async (asked) => {
          for await (const message of original.call(this, asked, ...rest)) {
            if (message.type === 'result') return message.result
            if (message.type === 'error') throw message.error
            await passage.hand(message)
          }
          throw new Error('The stream of the tool has ended without a result')
        })
        void answer.then(
          () => passage.end(),
          () => passage.end(),
        )
        try {
          for (let message = await passage.first(); message; message = await passage.next()) {
            yield message
          }
        } finally {
          passage.end()
        }
        let last: Message
        try {
          last = { type: 'result', result: await answer }
        } catch (error) {
          last = { type: 'error', error }
        }
        yield last
      },
  )
}

/** Hands messages over one by one: the next one is made when somebody asks for it. */
class Passage {
  #message = Promise.withResolvers<Message | undefined>()
  /** Whether the reader asks for another one. */
  #more = Promise.withResolvers<boolean>()
  #isOver = false

  /** @throws where nobody listens any more. */
  async hand(message: Message): Promise<void> {
    this.#message.resolve(message)
    if (this.#isOver || !(await this.#more.promise)) {
      throw new Error('Nobody waits for the result of the tool any more')
    }
  }

  first(): Promise<Message | undefined> {
    return this.#message.promise
  }

  async next(): Promise<Message | undefined> {
    if (this.#isOver) return undefined
    const asked = this.#more
    this.#message = Promise.withResolvers()
    this.#more = Promise.withResolvers()
    asked.resolve(true)
    return this.#message.promise
  }

  end(): void {
    this.#isOver = true
    this.#message.resolve(undefined)
    this.#more.resolve(false)
  }
}

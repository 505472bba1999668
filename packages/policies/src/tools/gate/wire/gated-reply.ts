import { HoldfastError, isContent, ReplyWatchers, withHeaders, ReplyAround } from '@holdfast/core'
import type { Frame, LlmCall, LlmReply, Next, ReplyEvent } from '@holdfast/core'
import { tellKeptBack } from '../../../kept-back.ts'
import type { Gate } from '../gate.ts'
import { approvalRequest } from './approval-requests.ts'
import { callToAskAgain } from './ask-again.ts'
import type { Answered } from './ask-again.ts'
import { editedPart } from './edit-reply.ts'
import type { Resolved } from './edit-reply.ts'
import { isCallEvent, isOther, isPlain, Proposals } from './proposals.ts'
import type { Proposal } from './proposals.ts'
import { providerTool } from './provider-tools.ts'
import type { Vetting } from './vetting.ts'
import { wholePieces } from './whole-pieces.ts'
import type { WholePieces } from './whole-pieces.ts'

/**
 * A reply whose tool calls are held back until they are whole and vetted. Everything else passes at once as the bytes
 * that came, but for the beginning of an event, which waits for its end.
 */
export class GatedReply extends ReplyAround {
  readonly watchers: ReplyWatchers = new ReplyWatchers()
  readonly #gate: Gate
  readonly #next: Next
  /** Ends questions and second requests with the reader. */
  #leaving: AbortController | undefined
  #call: LlmCall
  #pieces: WholePieces
  #vetting: Vetting | undefined
  #proposals = new Proposals()
  /** What came before the first content: as long as it is here, nobody has seen anything of this reply. */
  #opening: Frame[] = []
  #isBegun = false
  #hasText = false
  #ready: Frame[] = []
  /** From the beginning of a tool call on. */
  #held: Frame[] | undefined
  /** Calls that were vetted, whatever came of it. */
  #done: Proposal[] = []
  /** Those of them that were handed up. */
  #passed: Proposal[] = []
  #askedAgain = 0
  #over = false

  constructor(gate: Gate, call: LlmCall, reply: LlmReply, next: Next) {
    super(reply)
    this.#gate = gate
    this.#next = next
    this.#call = call
    this.#pieces = wholePieces(reply.headers.get('content-type'))
  }

  /** Reads a whole body ahead from its first frame on, so that its headers can still be made to fit. */
  async readWhole(frame: Frame | undefined): Promise<void> {
    await this.#work(frame)
    while (!this.#over && this.#ready.length === 0) await this.#step()
  }

  override cancel(reason?: unknown): Promise<void> {
    this.watchers.cancel(reason)
    this.#over = true
    this.#leaving?.abort(reason)
    return this.reply.cancel(reason)
  }

  next(): Promise<Frame | undefined> {
    const ready = this.#ready.shift()
    if (ready !== undefined) return Promise.resolve(this.watchers.pass(ready))
    const isPassing = this.#isBegun && this.#held === undefined && !this.#over
    return isPassing ? this.reply.next().then(this.#passOrWork, this.#failed) : this.#nextReady()
  }

  /** Text in the middle of a stream, which is most of what there is, costs a look at its events. */
  readonly #passOrWork = (
    frame: Frame | undefined,
  ): Frame | undefined | Promise<Frame | undefined> => {
    if (frame !== undefined && this.#pieces.passes(frame.bytes) && frame.events.every(isPlain)) {
      this.#hasText ||= frame.events.some(isText)
      return this.watchers.pass(frame)
    }
    return this.#work(frame).then(() => this.#nextReady(), this.#failed)
  }

  readonly #failed = (error: unknown): never => {
    this.watchers.error(error)
    throw error
  }

  async #nextReady(): Promise<Frame | undefined> {
    while (this.#ready.length === 0 && !this.#over) await this.#step().catch(this.#failed)
    const frame = this.#ready.shift()
    if (frame !== undefined) return this.watchers.pass(frame)
    this.watchers.end()
    return undefined
  }

  async #step(): Promise<void> {
    await this.#work(await this.reply.next())
  }

  async #work(frame: Frame | undefined): Promise<void> {
    if (frame === undefined) {
      await this.#end()
      return
    }
    if (frame.events.some(isOther)) await this.#look(frame.events)
    await (this.streaming ? this.#take(frame) : this.#takeWhole(frame))
  }

  async #takeWhole(frame: Frame): Promise<void> {
    if (frame.events.some(isCallEvent)) {
      this.#hold(frame)
      await this.#settle()
    } else this.#ready.push(frame)
  }

  async #take(frame: Frame): Promise<void> {
    const { events } = frame
    const first = events.findIndex(isCallEvent)
    if (this.#held === undefined && first === -1) {
      this.#pass(frame)
      return
    }
    const wasEmpty = this.#pieces.isEmpty
    const bytes = this.#pieces.take(frame.bytes)
    // What follows whole calls that nothing stands against need not wait with them.
    if (this.#held !== undefined && wasEmpty && goesOn(events) && (await this.#allAllowed())) {
      this.#release()
    }
    if (this.#held === undefined) this.#beginToHold({ bytes, events }, first)
    else if (events.some(isError)) this.#giveUp({ bytes, events })
    else this.#hold({ bytes, events })
    // The bytes of everything that was said have to be here: the end of an event may still be on its way.
    if (this.#held !== undefined && this.#proposals.finished && this.#pieces.isEmpty) {
      await this.#settle()
    }
  }

  /** Of a frame in which a tool call begins, what comes before it goes up. */
  #beginToHold({ bytes, events }: Frame, first: number): void {
    if (first === -1) {
      this.#handUp({ bytes, events })
      return
    }
    const cut = first === 0 ? 0 : this.#beforeCalls(bytes)
    if (cut === 0) this.#hold({ bytes, events })
    else {
      this.#handUp({ bytes: bytes.subarray(0, cut), events: events.slice(0, first) })
      this.#hold({ bytes: bytes.subarray(cut), events: events.slice(first) })
    }
  }

  /** The provider reports a failure in the middle of a tool call: the call is dropped, the failure goes up. */
  #giveUp(frame: Frame): void {
    const [first] = frame.events
    if (first === undefined || !isError(first) || !this.#pieces.isEmpty) throw cutOff(this.#call)
    this.#held = undefined
    this.#proposals = new Proposals()
    this.#isBegun = true
    this.#handUp(frame)
  }

  /** Text and everything else that is no tool call: as it came. */
  #pass(frame: Frame): void {
    const bytes = this.#pieces.take(frame.bytes)
    if (bytes === frame.bytes) this.#handUp(frame)
    else if (bytes.length > 0 || frame.events.length > 0) {
      this.#handUp({ bytes, events: frame.events })
    }
  }

  #handUp(frame: Frame): void {
    const { events } = frame
    if (!this.#isBegun && !events.some(isContent)) {
      // Whoever keeps the connection alive is not kept waiting.
      const isPing = events.length > 0 && events.every(({ type }) => type === 'keep-alive')
      if (isPing && this.#opening.length === 0) this.#ready.push(frame)
      else this.#opening.push(frame)
      return
    }
    this.#isBegun = true
    this.#ready.push(...this.#opening, frame)
    this.#opening = []
    this.#hasText ||= events.some(isText)
  }

  #hold(frame: Frame): void {
    this.#held ??= []
    this.#held.push(frame)
    for (const event of frame.events) {
      if (event.type === 'tool-call-delta') this.#refuseMore(event)
      this.#proposals.add(event)
    }
  }

  /** Tools that the provider has run are put on record; those that it asks to run are decided about. */
  async #look(events: readonly ReplyEvent[]): Promise<void> {
    for (const event of events) {
      if (event.type !== 'other-content') continue
      const tool = providerTool(event)
      if (tool !== undefined) (await this.#vet()).recordProviderTool(tool)
      const asked = approvalRequest(event)
      if (asked !== undefined) await this.#agree(asked)
    }
  }

  /** The application does not get to agree to what is refused, or to what is approved with other arguments alone. */
  async #agree(asked: Proposal): Promise<void> {
    const outcome = await (await this.#vet()).outcome(asked, false)
    if (outcome.as === 'stands') return
    const changed = `${asked.name} was approved with other arguments, and these cannot be handed to the provider`
    throw new HoldfastError('TOOL_REFUSED', outcome.as === 'said' ? outcome.text : changed)
  }

  /** A call that was vetted has no more arguments. */
  #refuseMore({ choice, index, arguments: more }: ReplyEvent & { type: 'tool-call-delta' }): void {
    const vetted = this.#done.find((call) => call.choice === choice && call.index === index)
    if (vetted === undefined || more.trim() === '') return
    throw new HoldfastError(
      'TOOL_REFUSED',
      `${vetted.name} was proposed with arguments that go on after their end`,
    )
  }

  async #allAllowed(): Promise<boolean> {
    const { calls } = this.#proposals
    if (!calls.every((call) => isWhole(call.arguments))) return false
    const vetting = await this.#vet()
    return calls.every((call) => vetting.decide(call, false).verdict === 'allow')
  }

  #release(): void {
    const held = this.#held ?? []
    const { calls } = this.#proposals
    this.#held = undefined
    this.#proposals = new Proposals()
    this.#done.push(...calls)
    this.#passed.push(...calls)
    for (const frame of held) this.#handUp(frame)
  }

  /** How many of the bytes come before the event in which the first tool call begins. */
  #beforeCalls(bytes: Uint8Array): number {
    const reader = this.#call.format.replyReader({
      operation: 'chat',
      streaming: true,
      contentType: this.headers.get('content-type'),
    })
    let start = 0
    for (const end of this.#pieces.ends(bytes)) {
      if (reader.push(bytes.subarray(start, end)).some(isCallEvent)) return start
      start = end
    }
    return 0
  }

  async #end(): Promise<void> {
    const rest = this.#pieces.rest()
    if (this.#held !== undefined) {
      if (rest.length > 0) this.#held.push({ bytes: rest, events: noEvents })
      // Cut off in a tool call: nothing of it goes up.
      if (!this.reply.complete()) throw cutOff(this.#call)
      const reply = this.reply
      await this.#settle()
      if (this.reply !== reply) return
    } else if (rest.length > 0) this.#handUp({ bytes: rest, events: noEvents })
    this.#ready.push(...this.#opening)
    this.#opening = []
    this.#over = true
  }

  /** All calls that are held are whole: whoever has to be asked is asked, and what stands is handed up. */
  async #settle(): Promise<void> {
    const held = this.#held ?? []
    const proposals = this.#proposals
    const { calls } = proposals
    const vetting = await this.#vet()
    // All are asked about before the first refusal to wait ends it: they are all on the list then.
    const settled = await Promise.allSettled(
      calls.map(async (proposal): Promise<Resolved> => {
        return { proposal, outcome: await vetting.outcome(proposal, proposals.isCut(proposal)) }
      }),
    )
    const resolved = settled.map((one) => {
      if (one.status === 'rejected') throw one.reason
      return one.value
    })
    if (this.#over) return
    if (resolved.every(({ outcome }) => outcome.as === 'stands')) {
      this.#release()
      return
    }
    const events = [...this.#opening, ...held].flatMap((frame) => frame.events)
    if (await this.#askAgain(events, resolved)) return
    const isBegun = this.#isBegun
    const frames =
      isBegun || this.#call.format.editToolCalls !== undefined ? held : [...this.#opening, ...held]
    const part = {
      call: this.#call,
      streaming: this.streaming,
      contentType: this.headers.get('content-type'),
      bytes: Buffer.concat(frames.map(({ bytes }) => bytes)),
      events: frames.flatMap((frame) => frame.events),
      before: this.#passed,
      isBegun,
      hasText: this.#hasText,
    }
    const edited = editedPart(part, resolved)
    if (frames !== held) this.#opening = []
    if (!this.streaming) this.headers = withHeaders(this.headers, { 'content-length': undefined })
    this.#done.push(...calls)
    const standing = resolved.filter(({ outcome }) => outcome.as !== 'said')
    this.#passed.push(...standing.map(({ proposal }) => proposal))
    this.#held = undefined
    this.#proposals = new Proposals()
    this.#isBegun = true
    this.#handUp(edited)
  }

  /** Lets the model act on it, where its application has seen nothing of the reply and no call of it stands. */
  async #askAgain(events: readonly ReplyEvent[], resolved: readonly Resolved[]): Promise<boolean> {
    const { maxAskAgain = 2 } = this.#gate.options
    if (this.#isBegun || this.#askedAgain >= maxAskAgain) return false
    const answered = resolved.filter((one): one is Answered => one.outcome.as === 'said')
    if (answered.length < resolved.length) return false
    let reply: LlmReply
    let again: LlmCall | undefined
    try {
      again = callToAskAgain(this.#call, events, answered)
      if (again === undefined) return false
      again = again.with({ signal: this.#signal() })
      reply = await this.#next(again)
    } catch (error) {
      if (this.#call.signal.aborted || this.#over) throw error
      return false
    }
    if (reply.failure !== undefined || reply.status >= 400 || reply.streaming !== this.streaming) {
      void reply.cancel()
      return false
    }
    void leave(this.reply, this.#call, events)
    if (this.#over) void reply.cancel()
    this.#askedAgain++
    this.#call = again
    this.reply = reply
    this.#pieces = wholePieces(reply.headers.get('content-type'))
    this.#vetting = undefined
    this.#proposals = new Proposals()
    this.#done = []
    this.#opening = []
    this.#held = undefined
    if (!this.streaming) this.headers = reply.headers
    return true
  }

  async #vet(): Promise<Vetting> {
    const decider = this.#gate.decider ?? (await this.#gate.load())
    return (this.#vetting ??= decider.vetting(this.#call, this.#signal()))
  }

  #signal(): AbortSignal {
    this.#leaving ??= new AbortController()
    return AbortSignal.any([this.#call.signal, this.#leaving.signal])
  }
}

/** What the reply took it says at its end, behind the calls. */
async function leave(reply: LlmReply, call: LlmCall, said: readonly ReplyEvent[]): Promise<void> {
  const events = [...said]
  try {
    for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
      events.push(...frame.events)
    }
  } catch {
    // Then it does not say it.
  }
  tellKeptBack(call, 'tools', events)
  await reply.cancel()
}

const noEvents: readonly ReplyEvent[] = []

/** True where something else begins after what came so far. */
function goesOn([first]: readonly ReplyEvent[]): boolean {
  return first !== undefined && isContent(first) && first.type !== 'tool-call-delta'
}

function isError({ type }: ReplyEvent): boolean {
  return type === 'error'
}

function isText({ type }: ReplyEvent): boolean {
  return type === 'text-delta'
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json)
    return true
  } catch {
    return false
  }
}

function cutOff({ host }: LlmCall): HoldfastError {
  return new HoldfastError(
    'STREAM_INCOMPLETE',
    `the answer of ${host} ended in the middle of a tool call`,
    { retryable: true },
  )
}

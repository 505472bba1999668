import { currentInput } from './identify.ts'

/** Tells the graph what comes next: handing over to another agent is one, and so is changing the state. */
export interface Command {
  readonly lg_name: 'Command'
  readonly graph?: unknown
  readonly update?: unknown
  readonly resume?: unknown
  readonly goto?: unknown
}

type CommandClass = new (fields: Omit<Command, 'lg_name'>) => object
type SendClass = new (node: string, args: unknown) => object
type MakeMessage = (serialized: unknown) => object

let classes: { readonly Command: CommandClass; readonly Send: SendClass } | undefined
let makeMessage: MakeMessage | undefined

/** Takes note of LangGraph's classes of commands, to make them of what was stored. */
export function knowCommands(exports: Readonly<Record<string, unknown>>): void {
  const { Command, Send } = exports
  if (typeof Command !== 'function' || typeof Send !== 'function') {
    throw new TypeError('the module exports no classes Command and Send')
  }
  classes = { Command: Command as CommandClass, Send: Send as SendClass }
}

/** Takes note of how LangChain makes messages of what they were stored as. */
export function knowMessages(exports: Readonly<Record<string, unknown>>): void {
  const { coerceMessageLikeToMessage } = exports
  if (typeof coerceMessageLikeToMessage !== 'function') {
    throw new TypeError('the module exports no function coerceMessageLikeToMessage')
  }
  makeMessage = coerceMessageLikeToMessage as MakeMessage
}

export function isCommand(value: unknown): value is Command {
  return isObject(value) && value['lg_name'] === 'Command'
}

/** How the tool's own answers in a command are stored, and made again. */
export interface Answers {
  isOwn(value: unknown): boolean
  store(answer: unknown): unknown
  restore(stored: unknown): unknown
}

/**
 * A command as it is stored. What the tool answers stands there as data, for whoever looks texts through. Of the
 * conversation, which goes along when an agent hands over, it names the places: gone on with, the graph makes the same
 * messages anew, and would take others for more of them. All the rest is kept as it is.
 */
export function storedCommand({ graph, update, resume, goto }: Command, answers: Answers): object {
  const input = currentInput()
  const places = new Map<unknown, readonly [string, number]>()
  for (const [name, list] of Object.entries(isObject(input) ? input : {})) {
    if (!Array.isArray(list)) continue
    for (const [index, one] of list.entries()) if (isObject(one)) places.set(one, [name, index])
  }
  return { command: stored({ graph, update, resume, goto }, { ...answers, places }) }
}

/** The command that was stored; undefined where it was none. */
export function restoredCommand(value: unknown, answers: Answers): unknown {
  if (!isObject(value) || value['command'] === undefined || classes === undefined) return undefined
  const { Command: Made } = classes
  return new Made(restored(value['command'], answers) as Omit<Command, 'lg_name'>)
}

/** A part of a command that is not looked into: no plain object, so nobody takes its texts for the tool's. */
class Kept {
  readonly #value: unknown
  constructor(value: unknown) {
    this.#value = value
  }
  toJSON(): unknown {
    return this.#value
  }
}

interface Known extends Answers {
  /** Where things stand in what the node was given. */
  readonly places: ReadonlyMap<unknown, readonly [name: string, index: number]>
}

function stored(value: unknown, known: Known): unknown {
  if (known.isOwn(value)) return { answer: known.store(value) }
  const place = known.places.get(value)
  if (place !== undefined) return { place: new Kept(place) }
  if (!holdsKnown(value, known)) return { kept: new Kept(value) }
  if (Array.isArray(value)) return { list: value.map((one) => stored(one, known)) }
  const members = Object.entries(value as object).map(([name, one]) => [name, stored(one, known)])
  return { members: Object.fromEntries(members) as unknown }
}

function holdsKnown(value: unknown, known: Known): boolean {
  if (known.isOwn(value) || known.places.has(value)) return true
  if (Array.isArray(value)) return value.some((one) => holdsKnown(one, known))
  return isPlain(value) && Object.values(value).some((one) => holdsKnown(one, known))
}

function restored(value: unknown, answers: Answers): unknown {
  const { answer, place, kept, list, members } = value as {
    readonly answer?: unknown
    readonly place?: unknown
    readonly kept?: unknown
    readonly list?: readonly unknown[]
    readonly members?: object
  }
  if (answer !== undefined) return answers.restore(answer)
  if (place !== undefined) return placed(place)
  if (list !== undefined) return list.map((one) => restored(one, answers))
  if (members !== undefined) {
    return Object.fromEntries(
      Object.entries(members).map(([name, one]) => [name, restored(one, answers)]),
    ) as unknown
  }
  return kept instanceof Kept ? kept.toJSON() : made(kept)
}

function placed(place: unknown): unknown {
  const [name, index] = (place instanceof Kept ? place.toJSON() : place) as [string, number]
  return (currentInput() as Record<string, readonly unknown[]> | undefined)?.[name]?.[index]
}

/** Objects of LangChain's and LangGraph's classes, of the JSON that they write. */
function made(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(made)
  if (!isObject(value)) return value
  if (makeMessage !== undefined && isStoredMessage(value)) return makeMessage(value)
  const members = Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, made(one)]),
  ) as Record<string, unknown>
  if (classes === undefined || members['lg_name'] !== 'Send') return members
  const { Send: Made } = classes
  return new Made(String(members['node']), members['args'])
}

function isStoredMessage({ lc, type, id }: Readonly<Record<string, unknown>>): boolean {
  return lc === 1 && type === 'constructor' && Array.isArray(id) && id.includes('messages')
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

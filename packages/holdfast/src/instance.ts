import type { Holdfast } from './instrument.ts'

/** The Holdfast of a process and who uses it. */
export interface Instance {
  /** The doctor put it there: it goes when the application says how it wants it. */
  readonly standsIn: boolean
  readonly handle: Omit<Holdfast, 'uninstrument'>
  /** Resolves when frameworks that were being loaded are attached to. */
  readonly attached?: Promise<unknown> | undefined
  users: number
  end(): Promise<void>
}

/** One per global object, whichever copy of the package made it. */
const slot = Symbol.for('holdfast.instance')

const holder = globalThis as { [slot]?: Instance | undefined }

/** The Holdfast that is on, if any. */
export function currentInstance(): Instance | undefined {
  return holder[slot]
}

/** Makes it the one that is on. */
export function setInstance(instance: Instance | undefined): void {
  holder[slot] = instance
}

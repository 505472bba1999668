import type { WireName } from '../request.ts'
import type { BeforeHeadersFault } from './before-headers.ts'
import { beforeHeadersFaults } from './before-headers.ts'
import type { BodyFault } from './body.ts'
import { bodyFaults } from './body.ts'
import type { ContentFault } from './content.ts'
import { contentFaults } from './content.ts'
import type { FaultDefinition } from './definition.ts'
import type { FramingFault } from './framing.ts'
import { framingFaults } from './framing.ts'
import type { StatusFault } from './status.ts'
import { statusFaults } from './status.ts'
import type { StreamFault } from './stream.ts'
import { streamFaults } from './stream.ts'

/** Every fault that the lab knows. */
export type FaultName =
  | BeforeHeadersFault
  | StatusFault
  | BodyFault
  | ContentFault
  | StreamFault
  | FramingFault

/** One line of the catalogue. */
export interface FaultListing {
  readonly name: FaultName
  /** What goes wrong, in one line. */
  readonly title: string
  /** When it strikes. */
  readonly phase: 'before-headers' | 'status' | 'body' | 'content' | 'stream' | 'framing'
  /** The row of the decision table that says what to do about it; 0 where nothing must be done. */
  readonly row: number
  /** The kinds of request that it makes sense for; elsewhere the answer stays good. */
  readonly on: 'both' | 'streamed' | 'whole'
  /** The wires that it makes sense for. */
  readonly wires: readonly Exclude<WireName, 'other'>[]
}

const allWires = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'bedrock-anthropic',
  'cohere-chat',
  'ollama-chat',
] as const

const definitions: Readonly<Record<FaultName, FaultDefinition>> = {
  ...beforeHeadersFaults,
  ...statusFaults,
  ...bodyFaults,
  ...contentFaults,
  ...streamFaults,
  ...framingFaults,
}

/** The catalogue of faults, in the order in which they strike. */
export const faults: readonly FaultListing[] = [
  ...listings('before-headers', beforeHeadersFaults),
  ...listings('status', statusFaults),
  ...listings('body', bodyFaults),
  ...listings('content', contentFaults),
  ...listings('stream', streamFaults),
  ...listings('framing', framingFaults),
]

/** True for the name of a fault that the lab knows. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(definitions, name)
}

/** The row of the decision table that a fault belongs to; 0 where nothing must be done. */
export function faultRow(name: FaultName): number {
  return definitions[name].row
}

/** How a fault works; undefined where it makes no sense for this wire and kind of request. */
export function applicableFault(
  name: FaultName,
  wire: WireName,
  streaming: boolean,
): FaultDefinition | undefined {
  const definition = definitions[name]
  const { on = 'both', wires = allWires } = definition
  if (on !== 'both' && (on === 'streamed') !== streaming) return undefined
  return wires.some((known) => known === wire) ? definition : undefined
}

function listings(
  phase: FaultListing['phase'],
  family: Readonly<Partial<Record<FaultName, FaultDefinition>>>,
): FaultListing[] {
  return Object.entries(family).flatMap(([name, { title, row, on = 'both', wires = allWires }]) =>
    isFaultName(name) ? [{ name, title, phase, row, on, wires }] : [],
  )
}

import type { LlmRequest, MediaPart, TextPart } from '@holdfast/core'
import type { IdRules } from '../request/tool-call-id.ts'
import type { Losses } from './losses.ts'

/** What a format's provider takes, for the model that is asked. */
export interface FitRules {
  readonly ids: IdRules
  /** Names of tools that the provider accepts. */
  readonly toolName: RegExp
  /** A system message in mid-conversation keeps its role; else it becomes a text of the user's. */
  readonly systemInside: boolean
  /** The conversation has to begin and to end with the user. */
  readonly userFirstAndLast: boolean
  /** Results of tools say by themselves that they are errors. */
  readonly errorFlag: boolean
  /** Results of tools say whose they are by the tool's name. */
  readonly resultNames: boolean
  /** Results of tools may hold images and documents; else those follow as the user's. */
  readonly resultMedia: boolean
  /** Something that the assistant refused has a form of its own. */
  readonly refusals: boolean
  /** Tools may ask for arguments that fit their schema strictly. */
  readonly strictTools: boolean
  /** Members of the neutral form that are carried over as they are. */
  readonly parameters: ReadonlySet<keyof LlmRequest>
  /** The medium as the provider takes it; undefined where it takes it in no way. */
  media(part: MediaPart, losses: Losses, where: string): MediaPart | TextPart | undefined
}

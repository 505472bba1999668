import type { AssembledMessage, LlmCall } from '@holdfast/core'
import type { StandardSchema } from '../../tools/validators/schema/schema.ts'

/** Something that is wrong with an answer. */
export interface AnswerIssue {
  readonly message: string
  /** Where in the JSON; undefined for all of it. */
  readonly path?: readonly (string | number)[]
}

/**
 * What is wrong with an answer: true or undefined where nothing is, false or a text or a list of them where something is.
 * One that throws says so with its message.
 */
export type AnswerCheck = (
  answer: AssembledMessage,
  call: LlmCall,
) => AnswerVerdict | Promise<AnswerVerdict>

export type AnswerVerdict = boolean | undefined | string | readonly (string | AnswerIssue)[]

/** Which answers are good enough to be handed on. */
export interface ValidationOptions {
  /** A schema that the JSON of the answer has to fit (zod, valibot, arktype: any Standard Schema), or a function. */
  readonly validate: StandardSchema | AnswerCheck
  /** Which calls it is for. @default all chats */
  readonly when?: (call: LlmCall) => boolean
  /**
   * The answer is what this tool is called with. Without it, replies that call tools are no answers yet and pass as
   * they come.
   */
  readonly tool?: string
  /** How often the model is told what is wrong and asked again. @default 2 */
  readonly maxRetries?: number
  /** The model that is asked after that, once, from the beginning; of the same provider. @default none */
  readonly fallbackTo?: string
}

import type { WireFormat } from '@holdfast/core'
import { readFailure } from '../failure/read-failure.ts'
import { parserFor, replyReader } from '../reply/reply-reader.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetWith } from '../request/retarget.ts'
import { address } from './address.ts'
import { GeminiReplyParser } from './read-reply.ts'
import { composeRequest } from './compose-request.ts'
import { countsOf } from './read-counts.ts'
import { editToolCalls } from './edit-tool-calls.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { replyWriter } from './write-reply.ts'
import { writeRequest, writeUrl } from './write-request.ts'

/** Gemini, of the Gemini API and of Vertex AI. */
export const gemini: WireFormat = {
  name: 'gemini',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest, url: writeUrl }),
  retarget: retargetWith(address),
  composeRequest,
  replyReader: (facts) => replyReader(parserFor(facts, GeminiReplyParser, countsOf), facts),
  replyWriter,
  editToolCalls,
  readFailure,
}

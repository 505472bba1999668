import type { WireFormat } from '@holdfast/core'
import { bedrockInvoke } from '../bedrock-invoke/format.ts'
import { recognise } from './recognise.ts'
import { replyWriter } from './write-reply.ts'

/** Amazon Bedrock's InvokeModel with bodies of Anthropic's: as all of InvokeModel, and written too. */
export const bedrockAnthropic: WireFormat = {
  ...bedrockInvoke,
  name: 'bedrock-anthropic',
  recognise,
  replyWriter,
}

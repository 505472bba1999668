import type { AssembledMessage, LlmCall } from '@holdfast/core'
import type { StandardSchema } from '../../tools/validators/schema/schema.ts'
import type { AnswerCheck, AnswerIssue, AnswerVerdict, ValidationOptions } from './options.ts'

const mostIssues = 20

/** What is wrong with an answer; nothing where the list is empty. */
export async function checkAnswer(
  { validate, tool }: ValidationOptions,
  answer: AssembledMessage,
  call: LlmCall,
): Promise<readonly AnswerIssue[]> {
  if (!('~standard' in validate)) return issuesOf(await byFunction(validate, answer, call))
  const given = tool === undefined ? answer.text : argumentsOf(answer, tool)
  if (given === undefined) return [{ message: `the answer has to be a call of the tool ${tool}` }]
  let value: unknown
  try {
    value = JSON.parse(given)
  } catch {
    return [
      { message: 'the answer has to be JSON and nothing else: no text around it, no code fence' },
    ]
  }
  return bySchema(validate, value)
}

async function byFunction(
  check: AnswerCheck,
  answer: AssembledMessage,
  call: LlmCall,
): Promise<AnswerVerdict> {
  try {
    return await check(answer, call)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function issuesOf(verdict: AnswerVerdict): readonly AnswerIssue[] {
  if (verdict === undefined || verdict === true) return []
  if (verdict === false) return [{ message: 'the answer is not good enough' }]
  if (typeof verdict === 'string') return [{ message: verdict }]
  return verdict
    .slice(0, mostIssues)
    .map((issue) => (typeof issue === 'string' ? { message: issue } : issue))
}

async function bySchema(schema: StandardSchema, value: unknown): Promise<readonly AnswerIssue[]> {
  const { issues = [] } = await schema['~standard'].validate(value)
  return issues.slice(0, mostIssues).map(({ message, path = [] }) => ({
    message,
    ...(path.length === 0 ? {} : { path: path.map(keyOf) }),
  }))
}

/** Standard Schema has keys as they are, or in an object. */
function keyOf(step: unknown): string | number {
  const key = typeof step === 'object' && step !== null && 'key' in step ? step.key : step
  return typeof key === 'number' ? key : String(key)
}

function argumentsOf({ toolCalls }: AssembledMessage, tool: string): string | undefined {
  return toolCalls.find(({ name }) => name === tool)?.arguments
}

import type {
  ArgumentMatch,
  FlowRule,
  ToolDeclaration,
  ToolGateOptions,
  ToolGatePreset,
  ToolMatch,
  ToolRule,
} from '@holdfast/policies/tool-gate'
import { toolClasses } from '@holdfast/policies/tool-gate'
import { z } from 'zod'

const text = z.string().min(1)
const size = z.int().min(1)
const aFunction = <F>(): z.ZodType<F> =>
  z.custom<F>((value) => typeof value === 'function', { error: 'a function' })
const aSchema = <S>(): z.ZodType<S> =>
  z.custom<S>(
    (value) => (typeof value === 'object' || typeof value === 'function') && value !== null,
    { error: 'a schema' },
  )
const oneOrMore = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([schema, z.array(schema).min(1)])

const toolClass = z.enum(toolClasses)

const matched = {
  tool: oneOrMore(text).exactOptional(),
  class: oneOrMore(toolClass).exactOptional(),
}
const match: z.ZodType<ToolMatch> = z.strictObject(matched)

const literal = z.union([z.string(), z.number(), z.boolean(), z.null()])
const argument: z.ZodType<ArgumentMatch> = z.strictObject({
  path: text,
  equals: literal.exactOptional(),
  oneOf: z.array(literal).exactOptional(),
  startsWith: z.string().exactOptional(),
  matches: z.instanceof(RegExp).exactOptional(),
  above: z.number().exactOptional(),
  below: z.number().exactOptional(),
  test: aFunction<(value: unknown) => boolean>().exactOptional(),
})

const rule: z.ZodType<ToolRule> = z.strictObject({
  name: text,
  reason: text.exactOptional(),
  ...matched,
  argument: oneOrMore(argument).exactOptional(),
  identity: z
    .strictObject({
      tenant: text.exactOptional(),
      user: text.exactOptional(),
      agent: text.exactOptional(),
      session: text.exactOptional(),
    })
    .exactOptional(),
  verdict: z.enum(['allow', 'deny', 'ask', 'dryRun']),
})

const told = { name: text.exactOptional(), reason: text.exactOptional() }
const flow: z.ZodType<FlowRule> = z.union([
  z.strictObject({
    ...told,
    after: match,
    deny: match.exactOptional(),
    ask: match.exactOptional(),
  }),
  z.strictObject({
    ...told,
    from: match,
    into: match,
    verdict: z.enum(['deny', 'ask']).exactOptional(),
  }),
])

const declaration: z.ZodType<ToolDeclaration> = z.strictObject({
  class: toolClass.exactOptional(),
  arguments: z
    .record(text, z.enum(['path', 'url', 'shell', 'code', 'sql', 'text']))
    .exactOptional(),
  parameters: aSchema<object>().exactOptional(),
  dryRun: z.union([z.literal(true), aFunction<(args: unknown) => unknown>()]).exactOptional(),
  resultSchema: aSchema<NonNullable<ToolDeclaration['resultSchema']>>().exactOptional(),
  maxResultBytes: size.exactOptional(),
  timeoutMs: z.number().positive().exactOptional(),
})

/** Options of the validators: those who set them know them. */
const validator = <Options extends object>(): z.ZodType<Options> =>
  z.custom<Options>((value) => typeof value === 'object' && value !== null, { error: 'an object' })

const preset: z.ZodType<ToolGatePreset> = z.enum(['observe', 'guarded', 'strict'])

/** What the option `tools` may say. */
export const tools: z.ZodType<false | ToolGatePreset | ToolGateOptions> = z.union([
  z.literal(false),
  preset,
  z.strictObject({
    preset: preset.exactOptional(),
    root: text.exactOptional(),
    rules: z.array(rule).exactOptional(),
    flows: z.array(flow).exactOptional(),
    declare: z.record(text, declaration).exactOptional(),
    askAt: z.enum(['wire', 'function']).exactOptional(),
    maxAskAgain: z.int().min(0).exactOptional(),
    injection: z.enum(['off', 'mark', 'withhold']).exactOptional(),
    maxResultBytes: size.exactOptional(),
    shell: validator<NonNullable<ToolGateOptions['shell']>>().exactOptional(),
    url: validator<NonNullable<ToolGateOptions['url']>>().exactOptional(),
    sql: validator<NonNullable<ToolGateOptions['sql']>>().exactOptional(),
  }),
])

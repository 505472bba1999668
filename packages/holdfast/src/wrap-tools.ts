import { HoldfastError } from '@holdfast/core'
import { tool } from './tool.ts'
import type { ToolOptions } from './tool.ts'

/** What the names of its tools cannot say, by name. */
export type WrapToolsOptions = Readonly<Record<string, Omit<ToolOptions, 'name'>>>

/** Where tools keep the function that executes them; the first that is there. */
const functionNames = ['execute', 'invoke', 'run', 'call', 'func', 'handler'] as const

/** On what was wrapped, so that it is not wrapped once more. */
const wrapped = Symbol.for('holdfast.wrapped-tool')

type Execute = (...args: unknown[]) => unknown

/**
 * The tools of an agent that no adapter covers, each taken through the tool chain as `tool()` does it. Takes what
 * agents take: an object or Map of functions or tools by name, or an array of tools that have a `name`. A tool is an
 * object with a function `execute`, `invoke`, `run`, `call`, `func` or `handler` whose first argument is what the model
 * asked for. Answers the same shape; what was handed over stays as it is, and a wrapped function returns a promise.
 * @throws HoldfastError OPTIONS_INVALID where one of them is no tool
 */
export function wrapTools<Tools extends object>(
  tools: Tools,
  options: WrapToolsOptions = {},
): Tools {
  if (Array.isArray(tools)) {
    return tools.map((one: unknown, index) =>
      wrap(one, nameOf(one, `[${index}]`), options),
    ) as Tools & unknown[]
  }
  if (tools instanceof Map) {
    return new Map(
      [...(tools as Map<unknown, unknown>)].map(([key, one]) => [
        key,
        wrap(one, String(key), options),
      ]),
    ) as Tools & Map<unknown, unknown>
  }
  return Object.fromEntries(
    Object.entries(tools).map(([key, one]) => [key, wrap(one, key, options)]),
  ) as Tools
}

function wrap(one: unknown, name: string, options: WrapToolsOptions): unknown {
  if (typeof one === 'function') {
    if (name.startsWith('[')) throw noTool(one, name)
    return wrapFunction(one as Execute, { name, ...options[name] })
  }
  if (typeof one !== 'object' || one === null) throw noTool(one, name)
  const method = functionNames.find((at) => typeof Reflect.get(one, at) === 'function')
  if (method === undefined || name.startsWith('[')) throw noTool(one, name)
  const known = nameOf(one, name)
  const execute = Reflect.get(one, method) as Execute
  const facts = { ...factsOf(one), ...options[known], name: known }
  const held = wrapFunction((...args) => execute.apply(one, args), facts, execute)
  const prototype: unknown = Object.getPrototypeOf(one)
  if (prototype === Object.prototype || prototype === null) return { ...one, [method]: held }
  // An object of a class may have parts that only itself can reach.
  return new Proxy(one, {
    get(target, property) {
      if (property === method) return held
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' && property !== 'constructor'
        ? (value as Execute).bind(target)
        : value
    },
  })
}

function wrapFunction(execute: Execute, options: ToolOptions, named: Execute = execute): Execute {
  if (wrapped in named) return named
  const held = tool(options, execute)
  Object.defineProperty(held, 'name', { value: named.name || options.name })
  Object.defineProperty(held, wrapped, { value: true })
  return held
}

function nameOf(one: unknown, otherwise: string): string {
  const name: unknown =
    typeof one === 'object' && one !== null ? Reflect.get(one, 'name') : undefined
  return typeof name === 'string' && name !== '' ? name : otherwise
}

/** What tells a policy what the tool does. */
function factsOf(one: object): Pick<ToolOptions, 'description' | 'parameters'> {
  const description: unknown = Reflect.get(one, 'description')
  const schema = ['parameters', 'inputSchema', 'input_schema', 'schema']
    .map((at): unknown => Reflect.get(one, at))
    .find(isJsonSchema)
  return {
    ...(typeof description === 'string' ? { description } : {}),
    ...(schema === undefined ? {} : { parameters: schema }),
  }
}

function isJsonSchema(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  return (
    Reflect.get(schema, 'type') === 'object' &&
    typeof Reflect.get(schema, 'properties') === 'object'
  )
}

function noTool(one: unknown, name: string): HoldfastError {
  const what = one === null ? 'null' : Array.isArray(one) ? 'an array' : typeof one
  return new HoldfastError(
    'OPTIONS_INVALID',
    `wrapTools: ${name} came as ${what}; allowed are functions by name, and objects with a name and a function ${functionNames.join(', ')}`,
  )
}

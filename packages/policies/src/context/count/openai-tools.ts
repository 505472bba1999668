type JsonObject = Readonly<Record<string, unknown>>

/**
 * The tools of a request as OpenAI shows them to its models: as declarations of TypeScript functions.
 * The form is known from what the API counts, https://github.com/hmarr/openai-chat-tokens (2026-11-21).
 */
export function openaiToolsText(tools: readonly unknown[]): string {
  const lines = ['namespace functions {', '']
  for (const tool of tools) {
    const declared = objectOf(objectOf(tool)?.['function']) ?? objectOf(tool)
    if (declared === undefined || typeof declared['name'] !== 'string') continue
    const { name, description } = declared
    if (typeof description === 'string' && description !== '') lines.push(`// ${description}`)
    const parameters = objectOf(declared['parameters'])
    if (Object.keys(objectOf(parameters?.['properties']) ?? {}).length === 0) {
      lines.push(`type ${name} = () => any;`)
    } else {
      lines.push(`type ${name} = (_: {`)
      lines.push(...membersOf(parameters ?? {}, 0))
      lines.push('}) => any;')
    }
    lines.push('')
  }
  lines.push('} // namespace functions')
  return lines.join('\n')
}

function membersOf(schema: JsonObject, depth: number): string[] {
  const required = schema['required']
  const indent = ' '.repeat(depth)
  return Object.entries(objectOf(schema['properties']) ?? {}).flatMap(([name, value]) => {
    const member = objectOf(value) ?? {}
    const { description } = member
    const isRequired = Array.isArray(required) && required.includes(name)
    return [
      ...(typeof description === 'string' && depth < 2 ? [`${indent}// ${description}`] : []),
      `${indent}${name}${isRequired ? '' : '?'}: ${typeOf(member, depth)},`,
    ]
  })
}

function typeOf(schema: JsonObject, depth: number): string {
  const { type, enum: values, anyOf } = schema
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (Array.isArray(anyOf)) {
    return anyOf.map((one) => typeOf(objectOf(one) ?? {}, depth)).join(' | ')
  }
  if (Array.isArray(type)) return type.join(' | ')
  switch (type) {
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return `${typeOf(objectOf(schema['items']) ?? {}, depth)}[]`
    case 'object': {
      const members = membersOf(schema, depth + 1)
      return members.length === 0 ? 'object' : `{\n${members.join('\n')}\n}`
    }
    default:
      return typeof type === 'string' ? type : 'any'
  }
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

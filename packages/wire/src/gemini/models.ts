/** Generation of a Gemini model as a number: 2, 2.5, 3; undefined for other names. */
function generationOf(model: string): number | undefined {
  const found = /gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** True from Gemini 3 on, and for names that tell nothing: signed calls, thinking by level, tools with an output format. */
export function isThirdGeneration(model: string): boolean {
  return (generationOf(model) ?? 3) >= 3
}

/** True where the model can be told how much to think. */
export function thinks(model: string): boolean {
  return (generationOf(model) ?? 3) >= 2.5
}

/** Which levels of thinking a model of the third generation has. https://ai.google.dev/gemini-api/docs/thinking (2026-11-21) */
export function levelsOf(model: string): readonly string[] {
  if (/gemini-3-pro/.test(model)) return ['low', 'high']
  return model.includes('flash') ? ['minimal', 'low', 'medium', 'high'] : ['low', 'medium', 'high']
}

import type { Processor } from "@huggingface/transformers";

/** What transformers.js's Florence2Processor knows of tasks, from preprocessor_config.json. */
interface TaskProcessor {
  readonly task_prompts_without_inputs: ReadonlyMap<string, string>;
  readonly task_prompts_with_input: ReadonlyMap<string, string>;
  construct_prompts(text: string): string[];
}

/** What the encoder reads for the user's words: a task name such as `<CAPTION>` becomes the question it stands for. */
export function constructPrompt(processor: Processor, words: string): string {
  return tasksOf(processor).construct_prompts(words)[0] ?? words;
}

/** The task's name at the beginning of the user's words, which is no word of the prompt; empty where there is none. */
export function taskOf(words: string, processor: Processor): string {
  const { task_prompts_without_inputs: alone, task_prompts_with_input: withInput } = tasksOf(processor);
  if (alone.has(words)) return words;
  return [...withInput.keys()].find((task) => words.startsWith(task)) ?? "";
}

function tasksOf(processor: Processor): TaskProcessor {
  return processor as unknown as TaskProcessor;
}

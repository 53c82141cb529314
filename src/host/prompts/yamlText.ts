/** A text as a plain YAML value where it can be one, else in double quotes. */
export function yamlText(text: string): string {
  const isPlain =
    text.trim() === text &&
    !/^[-?:,[\]{}#&*!|>'"%@`]/.test(text) &&
    !/: |:$| #|[\n\r\t]/.test(text) &&
    !/^(?:~|null|true|false|[-+.\d][\d_.eExXoO+-]*|)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** A model with its name: `owner/name` on the hub, a folder's name elsewhere. */
interface Named {
  readonly name: string;
}

/** The model of this name; one whose name differs in capitals only is good enough when none is exact. */
export function namedModel<T extends Named>(models: readonly T[], name: string): T | undefined {
  const plain = name.toLowerCase();
  return (
    models.find((model) => model.name === name) ?? models.find((model) => model.name.toLowerCase() === plain)
  );
}

/** The models of the hub of this name, whoever their owner is: runs keep the name of a model's folder. */
export function anyonesModels<T extends Named>(models: readonly T[], name: string): readonly T[] {
  return models.filter((model) => model.name.toLowerCase().endsWith(`/${name.toLowerCase()}`));
}

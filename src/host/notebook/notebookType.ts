/** Type of our notebooks in package.json and in the editor's API. */
export const NOTEBOOK_TYPE = "dexar.notebook";

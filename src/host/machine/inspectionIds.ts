/** Type of the panels that show what is in a model folder. */
export const INSPECTION_TYPE = "dexar.inspection";
/** The command that the page's link calls, with its folder. */
export const OTHER_PICTURE = "dexar.model.inspectPicture";

/** The bundler gives an imported style sheet as its text, with all that it imports. */
declare module "*.css" {
  const text: string;
  export default text;
}

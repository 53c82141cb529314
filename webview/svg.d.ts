/** The bundler gives an imported SVG as its text. */
declare module "*.svg" {
  const source: string;
  export default source;
}

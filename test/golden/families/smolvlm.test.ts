import { testFamily } from "../../helpers/familyGolden.js";

testFamily({
  name: "smolvlm",
  overlays: ["decomposed", "idefics3"],
  exact: ["fp32", "q4"],
  halves: ["fp16", "q4f16"],
  rounded: ["q8"],
});

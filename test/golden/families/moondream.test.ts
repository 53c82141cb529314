import { testFamily } from "../../helpers/familyGolden.js";

testFamily({
  name: "moondream",
  overlays: ["decomposed"],
  exact: ["fp32", "q4"],
  halves: ["fp16", "q4f16"],
  rounded: ["q8"],
});

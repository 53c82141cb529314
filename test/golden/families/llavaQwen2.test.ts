import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "llavaQwen2", overlays: ["decomposed", "fastvlm"], exact: ["fp32", "q4"] });

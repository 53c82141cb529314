import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "lfm2vl", overlays: ["decomposed"], exact: ["fp32", "q4"] });

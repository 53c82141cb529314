import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "llavaInterleave", overlays: ["decomposed"], exact: ["fp32", "q4"] });

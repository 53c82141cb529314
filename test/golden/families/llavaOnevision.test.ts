import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "llavaOnevision", overlays: ["decomposed"], exact: ["fp32", "q4"] });

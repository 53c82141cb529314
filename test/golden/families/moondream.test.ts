import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "moondream", overlays: ["decomposed"], exact: ["fp32", "q4"] });

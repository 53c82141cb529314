import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "paligemma", exact: ["fp32", "q4"], overlays: ["fused"] });

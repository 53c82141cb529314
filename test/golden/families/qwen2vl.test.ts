import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "qwen2vl", exact: ["fp32", "q4"], overlays: ["decomposed", "earlier"] });

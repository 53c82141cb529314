import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "qwen3vl", exact: ["fp32", "q4"], overlays: ["deepstack"] });

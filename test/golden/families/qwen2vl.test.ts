import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "qwen2vl", exact: ["fp32", "q4"], halves: ["fp16", "q4f16"], overlays: ["decomposed"] });

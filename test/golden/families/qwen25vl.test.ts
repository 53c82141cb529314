import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "qwen25vl", exact: ["fp32", "q4"], halves: ["q4f16"], overlays: ["decomposed"] });

import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "gemma3", exact: ["fp32", "q4"], overlays: ["decomposed"] });

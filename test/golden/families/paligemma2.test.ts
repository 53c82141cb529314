import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "paligemma2", exact: ["fp32", "q4"], halves: ["q4f16"] });

import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "florence2", exact: ["fp32", "q4"], halves: ["fp16"] });

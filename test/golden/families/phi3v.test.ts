import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "phi3v", exact: ["fp32", "q4"] });

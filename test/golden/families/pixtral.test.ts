import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "pixtral", overlays: ["decomposed"], exact: ["fp32", "q4"] });

import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "bakllava", overlays: ["decomposed", "window"], exact: ["fp32", "q4"] });

import { testFamily } from "../../helpers/familyGolden.js";

testFamily({ name: "graniteDocling", overlays: ["decomposed"] });

/** Sets the language of the page. It is imported first, because other modules have texts at once. */
import * as l10n from "@vscode/l10n";
import { useLanguage } from "../../language";

const { l10n: bundle } = document.body.dataset;
if (bundle) l10n.config({ contents: bundle });
useLanguage(document.documentElement.lang);

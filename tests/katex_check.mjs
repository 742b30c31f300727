// Reads [{tex, display}, ...] as JSON on standard input, writes a JSON list of what KaTeX refuses.
import { readFileSync } from "node:fs";
import katex from "katex";

const errors = [];
for (const { tex, display } of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    katex.renderToString(tex, {
      displayMode: display,
      strict: "error",
      throwOnError: true,
      trust: false,
    });
  } catch (error) {
    errors.push(`${error.message}: ${tex}`);
  }
}
process.stdout.write(JSON.stringify(errors));

import assert from "node:assert/strict";
import {
  MAX_ENTITY_CHARACTERS,
  withoutDoctype,
} from "../../../../src/image/formats/svg/doctype.ts";

const LARGE = "x".repeat(MAX_ENTITY_CHARACTERS / 1000);

/** Text with a doctype, and the same without it. */
const TAKEN: Readonly<Record<string, [text: string, expected: string]>> = {
  "no doctype": ["<svg>&a;</svg>", "<svg>&a;</svg>"],
  "no entity": [
    '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"><svg>&amp;</svg>',
    '<?xml version="1.0"?><svg>&amp;</svg>',
  ],
  "an entity in an attribute and in a text": [
    "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg c=\"&a;\">&a;&d;</svg>",
    '<svg c="b">b&d;</svg>',
  ],
  "quotes, which end no attribute": [
    "<!DOCTYPE svg [<!ENTITY a 'b\"c'><!ENTITY d \"e'f\">]><svg c=\"&a;\" g='&d;'/>",
    "<svg c=\"b&quot;c\" g='e&apos;f'/>",
  ],
  "two of one name, of which the first holds": [
    '<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY a "c"><!ENTITY amp "d">]><svg>&a;&amp;</svg>',
    "<svg>b&amp;</svg>",
  ],
  "what looks like the doctype's end": [
    '<!DOCTYPE svg [<!-- ]>\' --><?x ]>" ?><!ENTITY a "]>"><!ENTITY b \'">\'>]><svg>&a;&b;</svg>',
    "<svg>]>&quot;></svg>",
  ],
  "what looks like a doctype in a comment": [
    '<!-- <!DOCTYPE x> --><!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>',
    "<!-- <!DOCTYPE x> --><svg>b</svg>",
  ],
  "as many characters as may be": [
    `<!DOCTYPE svg [<!ENTITY a "${LARGE}">]><svg>${"&a;".repeat(1000)}</svg>`,
    `<svg>${LARGE.repeat(1000)}</svg>`,
  ],
};

for (const [name, [text, expected]] of Object.entries(TAKEN)) {
  Deno.test(`withoutDoctype() takes ${name}`, () => {
    assert.equal(withoutDoctype(text), expected);
  });
}

const REFUSED: Readonly<Record<string, [declared: string, text: string, words: RegExp]>> = {
  "entities of entities": ['<!ENTITY a "lol"><!ENTITY b "&a;&a;">', "&b;", /hold others/],
  "entities that hold elements": ['<!ENTITY a "<g/>">', "&a;", /hold others/],
  "entities of the doctype": ['<!ENTITY % a "lol">', "", /of its doctype/],
  "long entities": [
    `<!ENTITY a "${LARGE}">`,
    "&a;".repeat(1001),
    /more than 1000000 characters/,
  ],
};

for (const [name, [declared, text, words]] of Object.entries(REFUSED)) {
  for (const before of ["", "<!-- <!DOCTYPE x> -->", "<?x <!DOCTYPE x> ?>"]) {
    Deno.test(`withoutDoctype() refuses ${name} behind "${before}"`, () => {
      const refused = `${before}<!DOCTYPE svg [<!ENTITY z "]>">${declared}]><svg>${text}</svg>`;
      assert.throws(() => withoutDoctype(refused), { code: "undecodable", message: words });
    });
  }
}

// The help that fits a screen: what can be done, and where the rest is told.
import { ALL_SETTINGS, type CommandSpec, createCommand } from "./command_line.ts";
import { type Section, SECTIONS, SETTINGS } from "../settings/table.ts";
import { nearest } from "../options/nearest.ts";
import { printProblems } from "./output.ts";

export const help: CommandSpec = {
  name: "help",
  operands: "[COMMAND|SECTION]",
  summary: "Explain a command, or the settings of a section",
  settings: [],
  run({ operands: [topic], commands }) {
    if (topic === undefined) {
      console.log(overview(commands));
      return Promise.resolve(0);
    }
    const command = commands.find(({ name }) => name === topic.toLowerCase());
    const section = SECTIONS.find((name) => name.toLowerCase() === topic.toLowerCase());
    if (section) console.log(sectionHelp(section, commands));
    else if (command) console.log(createCommand(command).helpInformation().trimEnd());
    else {
      const topics = [...commands.map(({ name }) => name), ...SECTIONS];
      printProblems([
        `There is no command or section ${JSON.stringify(topic)}${nearest(topic, topics)}`,
      ]);
      return Promise.resolve(1);
    }
    return Promise.resolve(0);
  },
};

function overview(commands: readonly CommandSpec[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return [
    "Fetches remote images, transforms them as the URL says, and serves the result.",
    "",
    "Usage: imageproxy [COMMAND] [flags]",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    "Without a command it serves. The settings of the server, by section:",
    "",
    ...SECTIONS.flatMap((section) => listed(section)),
    "",
    `imageproxy help SECTION explains them, imageproxy COMMAND --help a command.`,
    "Flags may be written with one dash or two. Every setting is a flag (-addr), a variable",
    "(IMAGEPROXY_ADDR) and a key of the config file (-config FILE), the first of which wins.",
  ].join("\n");
}

/** The names of a section's flags, in lines that fit a terminal. */
function listed(section: Section): string[] {
  const names = ALL_SETTINGS.filter((name) => SETTINGS[name].section === section);
  const lines: string[] = [];
  let line = `  ${section.toLowerCase().padEnd(11)}`;
  for (const name of names) {
    if (line.length + name.length > 100) {
      lines.push(line.trimEnd());
      line = " ".repeat(13);
    }
    line += `${name} `;
  }
  return [...lines, line.trimEnd()];
}

function sectionHelp(section: Section, commands: readonly CommandSpec[]): string {
  const serve = commands.find(({ name }) => name === "serve")!;
  const text = createCommand({ ...serve, flags: {} }, { sections: [section] }).helpInformation();
  return text.slice(text.indexOf(`${section}:`)).replace(/\n\nOptions:.*/s, "").trimEnd();
}

// The help that fits a screen: what can be done, and where the rest is told.
import { ALL_SETTINGS, type CommandSpec, createCommand } from "./terminal/command_line.ts";
import { type Section, SECTIONS, type SettingName, SETTINGS } from "../settings/table.ts";
import { nearest } from "../options/nearest.ts";
import { OPTION_TOPICS, optionHelp, optionsHelp } from "./option_help.ts";
import { printProblems } from "./terminal/output.ts";

export const help: CommandSpec = {
  name: "help",
  operands: "[COMMAND|SECTION|SETTING|options|OPTION]",
  summary: "Explain a command, the settings, or the options of URLs",
  settings: [],
  run({ operands: [topic], commands }) {
    const text = topic === undefined ? overview(commands) : helpOn(topic, commands);
    if (text !== undefined) console.log(text);
    else {
      const topics = [
        ...commands.map(({ name }) => name),
        ...SECTIONS,
        "options",
        ...ALL_SETTINGS,
        ...OPTION_TOPICS.keys(),
      ];
      printProblems([
        `There is no command, section, setting or option ${JSON.stringify(topic)}` +
        nearest(topic!, topics),
      ]);
    }
    return Promise.resolve(text === undefined ? 1 : 0);
  },
};

/** The help on a topic, whatever its case; undefined where there is none. */
function helpOn(topic: string, commands: readonly CommandSpec[]): string | undefined {
  const isTopic = (name: string) => name.toLowerCase() === topic.toLowerCase();
  if (isTopic("options")) return optionsHelp();
  const section = SECTIONS.find(isTopic);
  if (section) return settingsHelp(section, { commands });
  const command = commands.find(({ name }) => isTopic(name));
  if (command) return createCommand(command).helpInformation().trimEnd();
  const option = optionHelp(topic);
  const setting = ALL_SETTINGS.find(isTopic);
  const texts = [
    ...(option === undefined ? [] : [option]),
    ...(setting
      ? [settingsHelp(SETTINGS[setting].section, { commands, settings: [setting] })]
      : []),
  ];
  // Some words are both, such as scaleUp.
  return texts.length > 0 ? texts.join("\n\n") : undefined;
}

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
    "imageproxy help SECTION explains them, COMMAND --help a command, help options what URLs may say.",
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
    if (line.length + name.length > 98) {
      lines.push(line.trimEnd());
      line = " ".repeat(13);
    }
    line += `${name} `;
  }
  return [...lines, line.trimEnd()];
}

/** The settings of a section, or some of them. */
function settingsHelp(
  section: Section,
  { commands, settings = ALL_SETTINGS }: {
    commands: readonly CommandSpec[];
    settings?: readonly SettingName[];
  },
): string {
  const serve = commands.find(({ name }) => name === "serve")!;
  const spec = { ...serve, flags: {}, settings };
  const text = createCommand(spec, { sections: [section] }).helpInformation();
  return text.slice(text.indexOf(`${section}:`)).replace(/\n\nOptions:.*/s, "").trimEnd();
}

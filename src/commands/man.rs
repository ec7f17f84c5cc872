//! `man`: the manual page, of the program or of one of its commands.

use std::fmt::Write as _;
use std::io;

use anyhow::Result;
use clap::{Arg, Command};
use clap_mangen::Man;

use super::{ExitStatus, print};
use crate::cli::{self, Role, SETTINGS};
use crate::failure::Class;
use crate::settings;

/// An apostrophe that is one on every system; the generator says so again before each section.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Prints it.
pub fn run(command: Option<&str>) -> Result<ExitStatus> {
    let program = cli::shown().mut_args(values_in_line);
    let mut page = Vec::new();
    match command {
        None => write_program(program, &mut page)?,
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            let Some(found) = found else {
                let names = program.get_subcommands().map(Command::get_name);
                let hint = cli::did_you_mean(name, names);
                return Err(settings::Error::Invalid(format!("there is no command `{name}`{hint}")).into());
            };
            let name = format!("{}-{}", cli::NAME, found.get_name());
            let usage = format!("{} {}", cli::NAME, found.get_name());
            Man::new(found.bin_name(usage).display_name(name).version(env!("CARGO_PKG_VERSION"))).render(&mut page)?;
        }
    }
    let page = String::from_utf8_lossy(&page).replace(PREAMBLE, "");
    let (title, rest) = page.split_once('\n').unwrap_or_default();
    print(format!("{title}\n{PREAMBLE}{rest}").as_bytes())
}

/// Values in one line: as a list, they make a short page long.
fn values_in_line(arg: Arg) -> Arg {
    let values: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if values.is_empty() {
        return arg;
    }
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    arg.help(format!("{help} [possible values: {}]", values.join(", "))).hide_possible_values(true)
}

fn write_program(program: Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(program);
    man.render_title(page)?;
    man.render_name_section(page)?;
    // The generator's synopsis has all settings in it.
    let name = escaped(cli::NAME);
    page.extend_from_slice(
        format!(".SH SYNOPSIS\n\\fB{name}\\fR [\\fIOPTIONS\\fR]\n.br\n\\fB{name}\\fR \\fICOMMAND\\fR\n").as_bytes(),
    );
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    man.render_subcommands_section(page)?;
    page.extend_from_slice(own_sections().as_bytes());
    man.render_version_section(page)
}

/// What clap does not know.
fn own_sections() -> String {
    let mut page = String::new();
    section(&mut page, "EXAMPLES");
    page.push_str(".nf\n");
    for line in cli::how_to_start().lines() {
        page.push_str(&escaped(line));
        page.push('\n');
    }
    page.push_str(".fi\n");
    section(&mut page, "ENVIRONMENT");
    paragraph(
        &mut page,
        "Each setting can be given as a variable, and is overruled by the flag. Its name is that of the flag in \
         capitals, with BATON_ before it.",
    );
    item(&mut page, &cli::env_name("domain"), "The same as --domain, and so on for all others.");
    item(&mut page, cli::CONFIG_ENV, "The settings file, if no --config is given.");
    section(&mut page, "OTHER NAMES");
    paragraph(&mut page, "Names that the Go connector has for the same thing, as flag, variable and key of the file.");
    for setting in SETTINGS.iter().filter(|setting| setting.role == Role::Ours) {
        for alias in setting.aliases {
            item(&mut page, &format!("--{alias}"), &format!("--{}", setting.name));
        }
    }
    section(&mut page, "FILES");
    item(
        &mut page,
        cli::CONFIG_FILE,
        "In the folder in which the program is started: a YAML map from settings to values. The environment and flags \
         overrule it.",
    );
    item(&mut page, "sync.json", "The document, if nothing else is asked for. It is replaced whole, or not at all.");
    section(&mut page, "EXIT STATUS");
    item(&mut page, "0", "Complete.");
    for class in Class::ALL {
        item(&mut page, &class.code().to_string(), class.meaning());
    }
    item(&mut page, "129, 130, 143", "Stopped by the signal HUP, INT or TERM.");
    item(
        &mut page,
        "129, 141",
        "Stopped since its parent has ended (--exit-with-parent), or nobody reads stderr any more.",
    );
    page
}

fn section(page: &mut String, title: &str) {
    let title = if title.contains(' ') { format!("\"{title}\"") } else { title.to_owned() };
    let _ = writeln!(page, ".SH {title}");
}

fn paragraph(page: &mut String, text: &str) {
    let _ = writeln!(page, "{}", escaped(text));
}

fn item(page: &mut String, term: &str, text: &str) {
    let _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(term), escaped(text));
}

/// Text that roff takes for text, whatever it begins with.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

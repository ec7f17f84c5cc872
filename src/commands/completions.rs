//! `completions`: what a shell needs to complete the command line.

use anyhow::Result;
use clap_complete::{Shell, generate};

use super::{ExitStatus, print};
use crate::{cli, settings};

/// Prints it for a shell.
pub fn run(shell: &str) -> Result<ExitStatus> {
    let shell = match shell {
        "bash" => Shell::Bash,
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        "powershell" => Shell::PowerShell,
        other => return Err(settings::Error::Invalid(format!("there are no completions for `{other}`")).into()),
    };
    // Into memory first: the generator gives up with a panic where it cannot write.
    let mut text = Vec::new();
    generate(shell, &mut cli::shown(), cli::NAME, &mut text);
    print(&text)
}

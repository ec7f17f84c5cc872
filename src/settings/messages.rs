//! How messages look and how many there are.

use std::str::FromStr;

use super::values::not_one_of;
use super::{Error, Raw};

/// How messages look and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Messages {
    /// Only what failed.
    pub quiet: bool,
    /// Warnings, errors and the log as JSON lines instead of text.
    pub json: bool,
    /// Level of the log.
    pub level: tracing::Level,
    /// How the run is told.
    pub progress: Progress,
    /// Whether there are colours.
    pub color: Color,
}

/// How the course of a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Live on a terminal, in plain lines elsewhere.
    Auto,
    /// Live: lines that change.
    Bar,
    /// A line for each object, and now and then one for a long one.
    Plain,
    /// JSON lines, the summary too.
    Json,
    /// Not at all; the summary alone.
    None,
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless the environment says no.
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

impl Messages {
    /// What holds until the settings have been read.
    pub const DEFAULT: Self =
        Self { quiet: false, json: false, level: tracing::Level::INFO, progress: Progress::Auto, color: Color::Auto };
}

impl Raw {
    /// Whether the program is to end with the one that started it.
    pub fn exit_with_parent(&self) -> Result<bool, Error> {
        let asked = self.switch("exit-with-parent", false)?;
        if asked && cfg!(not(unix)) {
            let why = "this system does not tell; put both into one job object";
            return Err(Error::Invalid(format!("--exit-with-parent: {why}")));
        }
        Ok(asked)
    }

    /// How messages look; asked for before all else, so that errors look so too.
    pub fn messages(&self) -> Result<Messages, Error> {
        let level =
            self.parsed("log-level", |text| tracing::Level::from_str(text).map_err(|_| not_one_of("log-level", text)))?;
        let json = self.parsed("log-format", |text| match text {
            "json" => Ok(true),
            "console" => Ok(false),
            other => Err(not_one_of("log-format", other)),
        })?;
        let progress = self.parsed("progress", |text| match text {
            "auto" => Ok(Progress::Auto),
            "bar" => Ok(Progress::Bar),
            "plain" => Ok(Progress::Plain),
            "json" => Ok(Progress::Json),
            "none" => Ok(Progress::None),
            other => Err(not_one_of("progress", other)),
        })?;
        let color = self.parsed("color", |text| match text {
            "auto" => Ok(Color::Auto),
            "always" => Ok(Color::Always),
            "never" => Ok(Color::Never),
            other => Err(not_one_of("color", other)),
        })?;
        let verbose = self.switch("verbose", false)?;
        let quiet = self.switch("quiet", false)?;
        let default = if verbose { tracing::Level::DEBUG } else { tracing::Level::INFO };
        let level = if quiet { tracing::Level::ERROR } else { level.unwrap_or(default) };
        Ok(Messages {
            quiet,
            // Who wants the one as JSON wants the other so too, unless he says otherwise.
            json: json.unwrap_or(progress == Some(Progress::Json)),
            level,
            progress: progress.unwrap_or(if json == Some(true) { Progress::Json } else { Progress::Auto }),
            color: color.unwrap_or(Color::Auto),
        })
    }
}

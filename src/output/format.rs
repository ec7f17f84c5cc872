//! Which form a document has, and how it is compressed: by the ending of its name, or as asked for.

use std::ffi::OsStr;
use std::path::Path;

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `.json`: one object.
    Json,
    /// `.jsonl`, `.ndjson`: an object a line.
    JsonLines,
    /// `.c1z`: the file of the Baton tools.
    C1z,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::JsonLines, Self::C1z];

    /// As `--format` names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::C1z => "c1z",
        }
    }

    /// By the name that `--format` takes.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "ndjson" { Some(Self::JsonLines) } else { Self::ALL.into_iter().find(|form| form.name() == name) }
    }
}

/// How a document is compressed beyond what its form does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Its form.
    pub form: Form,
    /// How it is compressed.
    pub compression: Option<Compression>,
}

/// Why a document cannot be written so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The name says one thing, and the format another.
    #[error("`{file}` is the name of a {by_name} document, and the format that is asked for is `{asked}`")]
    Contradiction {
        /// The target.
        file: String,
        /// The form by its name.
        by_name: &'static str,
        /// The form that is asked for.
        asked: &'static str,
    },
    /// CSV is no document.
    #[error("a sync does not write CSV: write a document (`.json`, `.c1z`), then `baton-salesforce convert` it to CSV")]
    Csv,
    /// It is the ending of something else.
    #[error("`.{0}` is not written here; documents are `.json`, `.jsonl` and `.c1z`, and these with `.gz` or `.zst`")]
    Other(String),
    /// A database cannot go to a pipe that somebody reads as text.
    #[error("a `.c1z` document goes to a file, not to stdout")]
    C1zToStdout,
}

impl Format {
    /// `.json`, as it is.
    pub const JSON: Self = Self { form: Form::Json, compression: None };

    /// By the name of the target; `-` is stdout. What has none of our endings is JSON, unless another form is asked for.
    ///
    /// # Errors
    /// Where the name says something else than what is asked for.
    pub fn of(path: &Path, asked: Option<Form>) -> Result<Self, FormatError> {
        let (form, compression) = by_name(path)?;
        if let (Some(by_name), Some(asked)) = (form, asked)
            && by_name != asked
        {
            let file = path.display().to_string();
            return Err(FormatError::Contradiction { file, by_name: by_name.name(), asked: asked.name() });
        }
        let form = asked.or(form).unwrap_or(Form::Json);
        if form == Form::C1z && path == Path::new("-") {
            return Err(FormatError::C1zToStdout);
        }
        Ok(Self { form, compression })
    }
}

fn by_name(path: &Path) -> Result<(Option<Form>, Option<Compression>), FormatError> {
    let ending =
        |path: &Path| path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).unwrap_or_default();
    let compression = match ending(path).as_str() {
        "gz" => Some(Compression::Gzip),
        "zst" => Some(Compression::Zstd),
        _ => None,
    };
    let inner = if compression.is_some() { path.file_stem().map_or(path, Path::new) } else { path };
    let form = match ending(inner).as_str() {
        "json" => Some(Form::Json),
        "jsonl" | "ndjson" => Some(Form::JsonLines),
        "c1z" => Some(Form::C1z),
        "csv" => return Err(FormatError::Csv),
        // What somebody may expect to work.
        other @ ("xlsx" | "yaml" | "yml" | "zip" | "bz2" | "xz") => return Err(FormatError::Other(other.to_owned())),
        _ => None,
    };
    Ok((form, compression))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_the_ending() {
        for (file, form, compression) in [
            ("sync.json", Form::Json, None),
            ("-", Form::Json, None),
            ("out", Form::Json, None),
            ("/dev/fd/3", Form::Json, None),
            ("a.jsonl", Form::JsonLines, None),
            ("a.NDJSON", Form::JsonLines, None),
            ("a.c1z", Form::C1z, None),
            ("a.json.gz", Form::Json, Some(Compression::Gzip)),
            ("dir.c1z/a.jsonl.zst", Form::JsonLines, Some(Compression::Zstd)),
            ("a.c1z.gz", Form::C1z, Some(Compression::Gzip)),
            ("a.gz", Form::Json, Some(Compression::Gzip)),
        ] {
            assert_eq!(Format::of(Path::new(file), None), Ok(Format { form, compression }), "{file}");
        }
        let lines = Format { form: Form::JsonLines, compression: None };
        assert_eq!(Format::of(Path::new("-"), Some(Form::JsonLines)), Ok(lines));
        assert_eq!(Format::of(Path::new("a.jsonl"), Some(Form::JsonLines)), Ok(lines));
    }

    #[test]
    fn contradictions_are_refused() {
        for (file, asked, says) in [
            ("a.json", Some(Form::C1z), "`a.json` is the name of a json document"),
            ("a.c1z.zst", Some(Form::Json), "the format that is asked for is `json`"),
            ("a.csv", None, "does not write CSV"),
            ("a.csv.gz", Some(Form::Json), "does not write CSV"),
            ("-", Some(Form::C1z), "goes to a file"),
            ("a.xlsx", None, "`.xlsx` is not written here"),
        ] {
            let error = Format::of(Path::new(file), asked).unwrap_err().to_string();
            assert!(error.contains(says), "{file}: {error}");
        }
        assert_eq!(Form::ALL.map(|form| Form::parse(form.name())), Form::ALL.map(Some));
        assert_eq!(Form::parse("xml"), None);
    }
}

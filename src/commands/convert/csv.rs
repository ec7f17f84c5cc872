//! A document as CSV: a folder with a file for each of its sections, and one that says what it is and what it lacks.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::access::Names;
use crate::disk::{Turn, Waiting, sync_folder_of};
use crate::output::csv::CsvWriter;
use crate::output::read::{Header, Item, Part, ReadError, Summary};
use crate::output::target::{self, TargetError};
use crate::stop::Stop;
use crate::ui::show::{self, Cells, Held, Holder, What};

/// The sections that have a file, and its name.
const FILES: [(What, &str); 5] = [
    (What::Users, "users.csv"),
    (What::Resources, "resources.csv"),
    (What::Entitlements, "entitlements.csv"),
    (What::Grants, "grants.csv"),
    (What::Inactive, "inactive_assignments.csv"),
];
const ABOUT: &str = "about.csv";

/// Why there is no folder.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// Something stands there.
    #[error("`{}` is there already; it was left as it is", .0.display())]
    Exists(PathBuf),
    /// Something stands there that is not replaced whoever asks.
    #[error("`{}` is no folder that this program made: `{}` is in it; it was left as it is", .0.display(), .1.display())]
    Foreign(PathBuf, PathBuf),
    /// The system refuses.
    #[error("cannot write `{}`: {source}", .path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The document cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Another run is at it.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// A folder that is filled beside its place, and put there at the end.
pub(super) struct Folder {
    /// As the person wrote it.
    shown: PathBuf,
    place: PathBuf,
    temporary: TempDir,
    files: Vec<CsvWriter<File>>,
    names: Names,
    header: Option<Header>,
    summary: Option<Summary>,
    /// Goes last: others may come when nothing is left of this run.
    turn: Turn,
}

impl Folder {
    /// Looks whether it may be written, and begins.
    pub(super) fn new(shown: &Path, force: bool, waiting: &Waiting<'_>) -> Result<Self, CsvError> {
        let failed = |source| CsvError::Io { path: shown.to_owned(), source };
        let place = target::resolve(shown);
        let turn = target::take_turn(shown, &place, waiting)?;
        match fs::read_dir(&place) {
            Ok(entries) => {
                for entry in entries {
                    let name = entry.map_err(failed)?.file_name();
                    if !is_ours(&name) {
                        return Err(CsvError::Foreign(shown.to_owned(), name.into()));
                    }
                    if !force {
                        return Err(CsvError::Exists(shown.to_owned()));
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(CsvError::Exists(shown.to_owned()));
            }
            Err(error) => return Err(failed(error)),
        }
        let (folder, name) = turn.temporary();
        // It can be looked into by its owner alone: it is personal data.
        let mut builder = tempfile::Builder::new();
        builder.prefix(name).rand_bytes(0);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let temporary = builder.tempdir_in(folder).map_err(failed)?;
        let mut files = Vec::new();
        for (what, name) in FILES {
            let mut file = CsvWriter::new(File::create(temporary.path().join(name)).map_err(failed)?);
            let columns = what.columns().iter().map(|column| column.name);
            file.row(columns.chain(with_attributes(what).then_some("attributes"))).map_err(failed)?;
            files.push(file);
        }
        let (shown, names) = (shown.to_owned(), Names::default());
        Ok(Self { shown, place, temporary, files, names, header: None, summary: None, turn })
    }

    /// Adds an item of the document.
    pub(super) fn item(&mut self, item: &Item<'_>) -> Result<(), CsvError> {
        let Self { names, files, .. } = self;
        let written = match item.part()? {
            Part::Header(header) => {
                self.header = Some(header);
                Ok(())
            }
            Part::ResourceType(_) => Ok(()),
            Part::Resource(resource) => {
                names.add(&resource);
                let (file, mut cells) = match &resource.user {
                    Some(_) => (&mut files[0], show::user(&resource)),
                    None => (&mut files[1], show::resource(&resource)),
                };
                cells.push(attributes(item.text));
                row(file, &cells)
            }
            Part::Entitlement(entitlement) => {
                let node = names.node(&entitlement.id, &entitlement.resource);
                let of = &names.resources[names.nodes[node as usize].resource as usize];
                row(&mut files[2], &show::entitlement(&entitlement, of))
            }
            Part::Grant(grant) => {
                let (holder, held) = (names.resource_of(&grant.principal), names.node_of(&grant.entitlement));
                let holder = Holder { id: &grant.principal, resource: &names.resources[holder as usize] };
                let resource = &names.resources[names.nodes[held as usize].resource as usize];
                let held = Held { entitlement: &grant.entitlement, resource };
                row(&mut files[3], &show::grant(&grant, holder, held, names))
            }
            Part::Inactive(assignment) => {
                let (holder, held) = (names.resource_of(&assignment.principal), names.node_of(&assignment.entitlement));
                let holder = Holder { id: &assignment.principal, resource: &names.resources[holder as usize] };
                let resource = &names.resources[names.nodes[held as usize].resource as usize];
                let held = Held { entitlement: &assignment.entitlement, resource };
                row(&mut files[4], &show::inactive(&assignment, holder, held))
            }
            Part::Summary(summary) => {
                self.summary = Some(summary);
                Ok(())
            }
        };
        written.map_err(|source| CsvError::Io { path: self.shown.clone(), source })
    }

    /// Puts the folder in its place, unless `stop` says that the run is to end.
    pub(super) fn finish(mut self, stop: &Stop) -> Result<(), CsvError> {
        let shown = self.shown.clone();
        let failed = |source| CsvError::Io { path: shown.clone(), source };
        self.about().map_err(failed)?;
        for file in &mut self.files {
            file.flush().map_err(failed)?;
        }
        // Where a folder with open files cannot be renamed.
        self.files.clear();
        for name in names() {
            File::open(self.temporary.path().join(name)).and_then(|file| file.sync_all()).map_err(failed)?;
        }
        if !stop.commit() {
            return Err(failed(io::Error::new(io::ErrorKind::Interrupted, "stopped")));
        }
        let Self { temporary, place, turn, .. } = self;
        put_in_place(temporary, &place, &turn.aside()).map_err(failed)?;
        sync_folder_of(&place).map_err(failed)
    }

    /// What the document is, and what it lacks: without this the other files look whole whatever they are.
    fn about(&self) -> io::Result<()> {
        let mut file = CsvWriter::new(File::create(self.temporary.path().join(ABOUT))?);
        file.row(["what", "value", "reason", "details"])?;
        let mut line = |what: &str, value: &str, reason: &str, details: &str| file.row([what, value, reason, details]);
        if let Some(header) = &self.header {
            line("sync", &header.id, "", "")?;
            line("started_at", &header.started_at, "", "")?;
            match &header.org {
                Some(org) => line("org", &org.id, "", &org.name)?,
                None => line("org", "unknown", "", "another program wrote the document, and does not tell")?,
            }
        }
        if let Some(summary) = &self.summary {
            line("ended_at", summary.ended_at.as_deref().unwrap_or_default(), "", "")?;
            let complete = summary.complete.map_or("unknown", |complete| if complete { "true" } else { "false" });
            line("complete", complete, "", "")?;
            for not_read in &summary.not_read {
                line("not_read", &not_read.object, &not_read.reason, &not_read.consequence)?;
            }
            for left_out in &summary.left_out {
                let user_type = left_out.user_type.as_deref().unwrap_or_default();
                line("left_out", &format!("{} {}", left_out.count, left_out.what), &left_out.reason, user_type)?;
            }
            for warning in &summary.warnings {
                let about = warning.ids.join(" ");
                line("warning", &warning.code, &warning.message, &about)?;
            }
            for not_covered in &summary.not_covered {
                line("not_covered", not_covered, "", "")?;
            }
        }
        file.flush()
    }
}

/// Puts a folder where another one may stand, which is removed.
fn put_in_place(temporary: TempDir, place: &Path, aside: &Path) -> io::Result<()> {
    match exchange(temporary.path(), place) {
        // The old one is the temporary one now.
        Ok(()) => return temporary.close(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::rename(temporary.path(), place)?;
            let _ = temporary.keep();
            return Ok(());
        }
        // Where the file system cannot do it in one step.
        Err(_) => {}
    }
    // Killed between these two, the run leaves what stood there aside, and the next one brings it back.
    fs::rename(place, aside)?;
    if let Err(error) = fs::rename(temporary.path(), place) {
        fs::rename(aside, place)?;
        return Err(error);
    }
    let _ = temporary.keep();
    fs::remove_dir_all(aside)
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "ios"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "ios")))]
fn exchange(_: &Path, other: &Path) -> io::Result<()> {
    fs::symlink_metadata(other).and(Err(io::ErrorKind::Unsupported.into()))
}

fn row(file: &mut CsvWriter<File>, cells: &Cells<'_>) -> io::Result<()> {
    file.row(cells.iter().map(|cell| &**cell))
}

const fn with_attributes(what: What) -> bool {
    matches!(what, What::Users | What::Resources)
}

/// All attributes of a resource, as JSON.
fn attributes(text: &[u8]) -> Cow<'static, str> {
    #[derive(serde::Deserialize)]
    struct Resource<'a> {
        #[serde(borrow)]
        profile: Option<&'a serde_json::value::RawValue>,
        #[serde(borrow, default)]
        annotations: Vec<Annotation<'a>>,
    }
    #[derive(serde::Deserialize)]
    struct Annotation<'a> {
        #[serde(borrow)]
        profile: Option<&'a serde_json::value::RawValue>,
    }
    let Ok(resource) = serde_json::from_slice::<Resource<'_>>(text) else { return Cow::Borrowed("") };
    let of_trait = resource.annotations.iter().find_map(|annotation| annotation.profile);
    resource.profile.or(of_trait).map_or(Cow::Borrowed(""), |profile| Cow::Owned(profile.get().to_owned()))
}

fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(_, name)| *name).chain([ABOUT])
}

fn is_ours(name: &OsStr) -> bool {
    names().any(|ours| ours == name)
}

//! The flags of `show`.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command};

use crate::access::filter::Standing;

/// What `show` can list; the first is what it shows when nothing is asked for.
pub const LISTS: [&str; 7] = ["summary", "users", "resources", "entitlements", "grants", "inactive", "types"];

/// Why an assignment can be inactive, as `--status` takes it.
pub const REASONS: [&str; 3] = ["expired", "revoked", "inactive"];

const HELP: &str = "\
A table ends with a line that counts; one without it is cut, and the exit code is not 0 then. On a terminal, columns for \
which there is no room are left out and long names are cut; elsewhere and with --csv and --json nothing is.

A filter that leaves nothing is no failure: the exit code is 0, --csv prints its header and --json `[]`. A user, \
resource, entitlement or type that is not in the document is one (exit code 5): it was mistyped, or was not read.

`grants --direct` lists what is held without anything else, also by a group's rule; `grants --derived` what is held \
through something else alone.

--json prints an array with an item a line, each as it stands in the document. A cut array is no JSON, so a failure \
cannot be taken for the result.";

pub(super) fn command() -> Command {
    let named = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let mut states: Vec<_> = Standing::ALL.iter().map(|(name, _)| *name).collect();
    states.extend(REASONS.iter().filter(|reason| Standing::parse(reason).is_none()));
    Command::new("show")
        .about("Show what is in a document: a summary, or its users, resources, entitlements, grants, inactive assignments or types")
        .after_help(HELP)
        .arg(super::document("document", "FILE", "The document (`-`: stdin)"))
        .arg(
            Arg::new("list")
                .value_name("WHAT")
                .value_parser(PossibleValuesParser::new(LISTS))
                .default_value(LISTS[0])
                .help("What to show"),
        )
        .arg(named("type", "TYPE", "Resources of this type alone, or what is held of this type"))
        .arg(named("user", "USER", "This user, or what this user holds: id, username, email address or name"))
        .arg(named("resource", "WHAT", "This resource, or all that it gives: id, `type:name`, or a name"))
        .arg(named("entitlement", "WHAT", "This entitlement, or who holds it: its id, or the id or name of its resource"))
        .arg(
            named("status", "STATUS", "Users in this state, or what they hold; of inactive assignments, the reason")
                .value_parser(PossibleValuesParser::new(states)),
        )
        .arg(flag("direct", "Grants that are there without any other").conflicts_with("derived"))
        .arg(flag("derived", "Grants that are there through others alone"))
        .arg(named("search", "TEXT", "What has this text in a name or an id, in capitals or not"))
        .arg(super::sync_id("sync-id"))
        .arg(named("sort", "COLUMN", "Sort by this column (default: the document's order)"))
        .arg(flag("json", "Print the items as they stand in the document, as a JSON array"))
        .arg(flag("csv", "Print CSV (RFC 4180), with formulas made harmless").conflicts_with("json"))
}

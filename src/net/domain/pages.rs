//! Which hosts serve an org's API, and which API host belongs to a page that an address bar shows.
//!
//! All comparisons are of whole labels: each suffix begins with a dot. Sources: Salesforce help, "My Domain URL
//! Formats" and "Partitioned Domains"; the Salesforce CLI's `sfdcUrl.ts` (government, China, Setup); the Salesforce
//! Inspector extension (regions, Defender's proxy).
//!
//! Only hosts that run Salesforce's own code count as API hosts. Sites and Experience Cloud (`site.com`,
//! `salesforce-sites.com`, `force.com`) are Salesforce's too, but run what customers wrote.

use super::DomainError;
use super::address::is_label;

/// Under these, `login` and `test` are where everybody logs in, and `<name>.my` is an org.
const CLOUDS: [&str; 3] = [".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn"];

/// What orgs of Salesforce's own teams have in place of `.my.salesforce.com` (Salesforce CLI).
const INTERNAL: &str = ".my-salesforce.com";

/// Microsoft Defender for Cloud Apps appends its own domain to that of an app
/// (Microsoft Learn, "What are *.mcas.ms, *.mcas-gov.us, or *.mcas-gov.ms?").
const DEFENDER: [&str; 3] = [".mcas.ms", ".mcas-gov.us", ".mcas-gov.ms"];

/// `acme`, `acme--uat.sandbox`, `acme-dev-ed.develop` before one of these is before the other, too.
const PAGES: [(&str, &str); 12] = [
    (".lightning.force.com", ".my.salesforce.com"),
    (".my.salesforce-setup.com", ".my.salesforce.com"),
    (".salesforce-setup.com", ".my.salesforce.com"),
    (".file.force.com", ".my.salesforce.com"),
    (".my.site.com", ".my.salesforce.com"),
    (".my.salesforce-sites.com", ".my.salesforce.com"),
    (".builder.salesforce-experience.com", ".my.salesforce.com"),
    (".preview.salesforce-experience.com", ".my.salesforce.com"),
    (".live-preview.salesforce-experience.com", ".my.salesforce.com"),
    (".lightning.crmforce.mil", ".my.salesforce.mil"),
    (".lightning.sfcrmapps.cn", ".my.sfcrmproducts.cn"),
    (".my-lightning.com", INTERNAL),
];

/// Pages of a package: `acme--<pkg>`, in a sandbox `acme--uat--<pkg>.sandbox`, before one of these.
const PACKAGE_PAGES: [&str; 2] = [".vf.force.com", ".container.force.com"];

/// The same before enhanced domains, where an instance (`.na123`, `.cs12`) may follow the name.
const OLD_PACKAGE_PAGES: [&str; 5] =
    [".visual.force.com", ".visualforce.com", ".content.force.com", ".documentforce.com", ".container.lightning.com"];

/// Kinds of orgs that are told by a label of their own (Salesforce help, "Partitioned Domains").
const PARTITIONS: [&str; 7] = ["sandbox", "develop", "scratch", "demo", "patch", "trailblaze", "free"];

/// Salesforce's, for the message alone: none of these gets a credential.
const OWNED: [&str; 18] = [
    "salesforce.com",
    "force.com",
    "site.com",
    "cloudforce.com",
    "visualforce.com",
    "documentforce.com",
    "salesforce-setup.com",
    "salesforce-sites.com",
    "salesforce-experience.com",
    "salesforce-scrt.com",
    "salesforceliveagent.com",
    "salesforce.mil",
    "crmforce.mil",
    "force.mil",
    "cloudforce.mil",
    "visualforce.mil",
    "sfcrmproducts.cn",
    "sfcrmapps.cn",
];

/// The API host of a bare My Domain name.
pub(super) fn of_name(name: &str) -> String {
    match name {
        // What other clients call their `domain` (simple-salesforce); no org can have these names.
        "login" | "test" => format!("{name}.salesforce.com"),
        // No My Domain name holds `--`: it is a sandbox's, and since enhanced domains are enforced (Winter '24) all
        // sandboxes are in that partition.
        _ if name.contains("--") => format!("{name}.sandbox.my.salesforce.com"),
        _ => format!("{name}.my.salesforce.com"),
    }
}

/// The API host of a My Domain name with its partition, as `acme--uat.sandbox`; or with `my`, as simple-salesforce
/// wants it.
pub(super) fn of_partitioned_name(text: &str) -> Option<String> {
    let (name, partition) = text.split_once('.').filter(|(name, _)| is_label(name))?;
    if partition == "my" {
        return Some(format!("{name}.my.salesforce.com"));
    }
    PARTITIONS.contains(&partition).then(|| format!("{text}.my.salesforce.com"))
}

/// Whether this is where everybody logs in.
pub(super) fn is_login(host: &str) -> bool {
    under_cloud(host).is_some_and(|name| matches!(name, "login" | "test"))
}

/// Whether an org's API is served here: `acme.my.salesforce.com`, `acme.my.<region>.salesforce.com`, …
pub(super) fn is_api(host: &str) -> bool {
    if host.strip_suffix(INTERNAL).is_some_and(|name| !name.is_empty()) {
        return true;
    }
    under_cloud(host).is_some_and(|name| {
        let at_my = |name: &str| name.strip_suffix(".my").is_some_and(|name| !name.is_empty());
        at_my(name) || name.rsplit_once('.').is_some_and(|(name, _region)| at_my(name))
    })
}

/// Whether this is where an org's Experience Cloud sites are (`acme.my.site.com`, `acme--uat.sandbox.my.site.com`). What
/// customers wrote runs here too; the paths of OAuth are Salesforce's own.
pub(super) fn is_site(host: &str) -> bool {
    host.strip_suffix(".my.site.com").is_some_and(|name| !name.is_empty())
}

/// Whether this is an instance: `na123.salesforce.com`, `cs12.…`, `usa2s.…`, with `-api` in old answers of `login()`.
pub(super) fn is_pod(host: &str) -> bool {
    host.strip_suffix(".salesforce.com").is_some_and(|name| is_instance(name.strip_suffix("-api").unwrap_or(name)))
}

/// Two to four letters, a number, a letter at most: `na1`, `cs12`, `usa2s`.
fn is_instance(label: &str) -> bool {
    let number = label.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = label.len() - number.len();
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    (2..=4).contains(&letters) && rest.len() < number.len() && (rest.is_empty() || rest == "s")
}

fn under_cloud(host: &str) -> Option<&str> {
    CLOUDS.iter().find_map(|cloud| host.strip_suffix(cloud))
}

/// The API host of the org whose page is served at `host` (lower case, no trailing dot).
pub(super) fn api_host(host: &str) -> Result<String, DomainError> {
    let host = DEFENDER.iter().find_map(|proxy| host.strip_suffix(proxy)).unwrap_or(host);
    if is_api(host) || is_login(host) {
        return Ok(host.to_owned());
    }
    if is_pod(host) {
        return Err(DomainError::Pod(host.to_owned()));
    }
    if let Some(api) = of_page(host).or_else(|| of_region(host)).or_else(|| of_package_page(host)) {
        return Ok(api);
    }
    let is_owned = OWNED
        .iter()
        .any(|owned| host.strip_suffix(owned).is_some_and(|before| before.is_empty() || before.ends_with('.')));
    Err(if is_owned { DomainError::NotAnOrg(host.to_owned()) } else { DomainError::Foreign(host.to_owned()) })
}

fn of_page(host: &str) -> Option<String> {
    PAGES.iter().find_map(|(page, api)| host.strip_suffix(page).map(|name| format!("{name}{api}")))
}

/// `acme.lightning.<region>.force.com`
fn of_region(host: &str) -> Option<String> {
    let (name, region) = host.strip_suffix(".force.com")?.rsplit_once(".lightning.")?;
    is_label(region).then(|| format!("{name}.my.{region}.salesforce.com"))
}

fn of_package_page(host: &str) -> Option<String> {
    if let Some(name) = PACKAGE_PAGES.iter().find_map(|page| host.strip_suffix(page)) {
        let (first, partition) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        let (org, _package) = first.rsplit_once("--")?;
        // In a sandbox the org's own name holds `--`; a single one is that.
        let org = if partition == Some("sandbox") && !org.contains("--") { first } else { org };
        return Some(format!("{org}{}.my.salesforce.com", partition.map(|p| format!(".{p}")).unwrap_or_default()));
    }
    let name = OLD_PACKAGE_PAGES.iter().find_map(|page| host.strip_suffix(page))?;
    let first = match name.split_once('.') {
        Some((first, instance)) if is_instance(instance) => first,
        Some(_) => return None,
        None => name,
    };
    // Without a `--` it is a package's page of an org without My Domain, which only its instance would tell.
    let (org, _package) = first.rsplit_once("--")?;
    is_label(org).then(|| of_name(org))
}

//! `/services/data`: versions, queries, records, limits.

use serde_json::{Value, json};

use super::Asked;
use super::answer::Answer;
use super::bulk;
use super::composite;
use super::describe;
use super::options::ApiAccess;
use super::state::State;
use crate::demo::error::ApiError;
use crate::demo::soql::{self, Page};
use crate::salesforce::id::RecordId;

/// Rows in a page when the request does not say, and the bounds of what it may say.
const PAGE: usize = 2_000;
const SMALLEST_PAGE: usize = 200;

/// The oldest version that once answered REST calls.
const FIRST_VERSION: u16 = 20;

pub(super) fn answer(state: &State, asked: &Asked<'_>) -> Answer {
    let Some(rest) = asked.path.strip_prefix("/services/data") else {
        return Answer::html(404, "<html><body>URL No Longer Exists</body></html>");
    };
    // The list of versions is public, is not counted and tells no limit.
    if rest.is_empty() || rest == "/" {
        return Answer::json(200, &versions(state));
    }
    let token = asked.bearer().unwrap_or_default();
    if state.use_session(token).is_none() {
        return ApiError::new(401, "INVALID_SESSION_ID", "Session expired or invalid").into();
    }
    if state.used() >= state.options.api_limit {
        let error = ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
        return state.count(error.into(), asked.path);
    }
    let answer = versioned(state, asked, rest, token).unwrap_or_else(Answer::from);
    state.count(answer, asked.path)
}

/// `Spring '26` for v66.0: three releases a year.
fn label(version: u16) -> String {
    let (season, year) = match version % 3 {
        0 => ("Spring", version / 3 + 4),
        1 => ("Summer", version / 3 + 4),
        _ => ("Winter", version / 3 + 5),
    };
    // The real list has a typographic apostrophe in this one place.
    let apostrophe = if version == 42 { '’' } else { '\'' };
    format!("{season} {apostrophe}{year}")
}

fn versions(state: &State) -> Value {
    let version = |number: u16| json!({ "label": label(number), "url": format!("/services/data/v{number}.0"), "version": format!("{number}.0") });
    state.versions().map(version).collect()
}

fn access(state: &State) -> Result<(), ApiError> {
    let (code, message) = match state.options.access {
        ApiAccess::Enabled => return Ok(()),
        ApiAccess::DisabledForOrg => ("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
        ApiAccess::DisabledForUser => {
            ("FUNCTIONALITY_NOT_ENABLED", "This feature is not currently enabled for this user.")
        }
        ApiAccess::CurrentlyDisabledForUser => ("API_CURRENTLY_DISABLED", "API is disabled for this User"),
    };
    Err(ApiError::new(403, code, message))
}

fn versioned(state: &State, asked: &Asked<'_>, rest: &str, token: &str) -> Result<Answer, ApiError> {
    let mut parts = rest.trim_start_matches('/').splitn(2, '/');
    let number = parts.next().and_then(|part| part.strip_prefix('v')?.strip_suffix(".0")?.parse::<u16>().ok());
    let version = number.ok_or_else(ApiError::not_found)?;
    if !state.versions().contains(&version) {
        // Versions retire from the oldest; an org that is a recording never had the others.
        let retired = (FIRST_VERSION..*crate::demo::org::VERSIONS.start()).contains(&version);
        let gone = || ApiError::new(410, "GONE", "The requested resource has been retired or removed");
        return Err(if retired { gone() } else { ApiError::not_found() });
    }
    access(state)?;
    let resource = parts.next().unwrap_or_default().trim_end_matches('/');
    if resource == "composite" && asked.method == "POST" {
        return composite::answer(asked, |part| {
            let rest = part.path.strip_prefix("/services/data").unwrap_or_default();
            versioned(state, part, rest, token).unwrap_or_else(Answer::from)
        });
    }
    let segments: Vec<&str> = resource.split('/').collect();
    if let ["jobs", "query", job @ ..] = segments.as_slice()
        && version >= bulk::SINCE
    {
        return bulk::answer(state, asked, version, job);
    }
    if asked.method != "GET" && asked.method != "HEAD" {
        let message = format!("HTTP Method '{}' not allowed. Allowed are GET,HEAD", asked.method);
        return Err(ApiError::new(405, "METHOD_NOT_ALLOWED", message));
    }
    match segments.as_slice() {
        [""] => Ok(Answer::json(200, &resources(state, version))),
        ["query" | "queryAll"] => query(state, asked, version, token),
        ["query" | "queryAll", locator] => more(state, version, locator, token),
        ["limits"] => Ok(Answer::json(200, &limits(state))),
        ["sobjects"] => Ok(Answer::json(200, &describe::global(&state.org, version))),
        ["sobjects", object] => describe::basic(&state.org, version, object).map(|body| Answer::json(200, &body)),
        ["sobjects", object, "describe"] => {
            describe::object(&state.org, version, object).map(|body| Answer::json(200, &body))
        }
        ["sobjects", object, id] => record(state, asked, version, object, id),
        _ => Err(ApiError::not_found()),
    }
}

fn resources(state: &State, version: u16) -> Value {
    let path = |resource: &str| format!("/services/data/v{version}.0/{resource}");
    json!({
        "composite": path("composite"),
        "identity": format!("{}/id/{}/{}", state.url, state.org.id, state.org.user),
        "limits": path("limits"),
        "query": path("query"),
        "queryAll": path("queryAll"),
        "sobjects": path("sobjects"),
    })
}

/// `Sforce-Query-Options: batchSize=500`; what is out of bounds is moved to the nearest bound.
fn page_size(state: &State, asked: &Asked<'_>) -> usize {
    let options = asked.header("sforce-query-options").unwrap_or_default();
    let asked = options.split([',', ';']).find_map(|option| {
        let (name, value) = option.split_once('=')?;
        name.trim().eq_ignore_ascii_case("batchSize").then(|| value.trim().parse::<usize>().ok())?
    });
    let size = asked.map_or(PAGE, |size| size.clamp(SMALLEST_PAGE, PAGE));
    state.options.page_size.unwrap_or(size).max(1)
}

fn query(state: &State, asked: &Asked<'_>, version: u16, token: &str) -> Result<Answer, ApiError> {
    let missing = || ApiError::bad_request("MALFORMED_QUERY", "A query string has to be specified");
    let soql = asked.parameter("q").ok_or_else(missing)?;
    let answer = soql::run(&state.org, Some(&state.kept), version, soql)?;
    let object = soql::object_of(&state.org, soql);
    let rows = page_size(state, asked);
    let locator = |kept: &_, from: usize| format!("{}-{from}", state.keep(kept, object.as_deref(), token, rows));
    let page = Page { api_version: version, from: 0, rows, locator: &locator };
    Ok(Answer::json_bytes(200, answer.write(&state.org, &page)))
}

fn more(state: &State, version: u16, locator: &str, token: &str) -> Result<Answer, ApiError> {
    let bad = || ApiError::bad_request("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (cursor, from) = state.cursor(locator).ok_or_else(bad)?;
    if state.options.locators_belong_to_session && cursor.session != token {
        return Err(bad());
    }
    if from >= cursor.rows.len() {
        return Err(bad());
    }
    let locator = |kept: &_, from: usize| format!("{}-{from}", state.keep(kept, None, token, cursor.page_size));
    let page = Page { api_version: version, from, rows: cursor.page_size, locator: &locator };
    let answer = soql::Answer::Rows(cursor.rows.clone());
    Ok(Answer::json_bytes(200, answer.write(&state.org, &page)))
}

fn limits(state: &State) -> Value {
    let (max, jobs) = (state.options.api_limit, state.options.bulk.daily_jobs);
    json!({
        "DailyApiRequests": { "Max": max, "Remaining": max.saturating_sub(state.used() + 1) },
        "DailyBulkApiBatches": { "Max": 15_000, "Remaining": 15_000 },
        "DailyBulkV2QueryJobs": { "Max": jobs, "Remaining": jobs.saturating_sub(state.jobs_made()) },
        "DailyBulkV2QueryFileStorageMB": { "Max": 976_562, "Remaining": 976_562 },
        "DataStorageMB": { "Max": 10_240, "Remaining": 9_871 },
        "FileStorageMB": { "Max": 10_240, "Remaining": 10_113 },
        "PermissionSets": { "Max": 1_500, "Remaining": 1_500_usize.saturating_sub(state.org.rows("PermissionSet")) },
    })
}

/// One record with all its fields, or with those of `?fields=Id,Name`.
fn record(state: &State, asked: &Asked<'_>, version: u16, object: &str, id: &str) -> Result<Answer, ApiError> {
    let table = describe::table(&state.org, version, object)?;
    let missing = || {
        let message = format!("Provided external ID field does not exist or is not accessible: {id}");
        ApiError::new(404, "NOT_FOUND", message)
    };
    let id = RecordId::parse(id).map_err(|_| missing())?;
    table.row(id).ok_or_else(ApiError::not_found)?;
    let all = table.object.fields.iter().filter(|field| state.org.shows(field, version));
    let fields = match asked.parameter("fields") {
        Some(fields) => fields.to_owned(),
        None => all.map(|field| field.name.as_ref()).collect::<Vec<_>>().join(","),
    };
    let soql = format!("SELECT {fields} FROM {} WHERE Id = '{id}'", table.object.name);
    // An unknown field is told without the caret: the query is ours.
    let plain =
        |error: ApiError| ApiError::bad_request(error.code, error.message.rsplit('\n').next().unwrap_or_default());
    let answer = soql::run(&state.org, Some(&state.kept), version, &soql).map_err(plain)?;
    let page = Page { api_version: version, from: 0, rows: 1, locator: &|_, _| String::new() };
    let bytes = answer.write(&state.org, &page);
    let record = bytes.strip_prefix(br#"{"totalSize":1,"done":true,"records":["#);
    let record = record.and_then(|bytes| bytes.strip_suffix(b"]}")).ok_or_else(ApiError::not_found)?;
    Ok(Answer::json_bytes(200, record.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_follow_the_releases() {
        let labels = [
            (31, "Summer '14"),
            (42, "Spring ’18"),
            (50, "Winter '21"),
            (58, "Summer '23"),
            (65, "Winter '26"),
            (66, "Spring '26"),
        ];
        for (version, text) in labels {
            assert_eq!(label(version), text);
        }
    }
}

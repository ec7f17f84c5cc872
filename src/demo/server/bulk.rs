//! `/services/data/vXX.X/jobs/query`: queries as jobs, whose results are files of CSV.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Asked;
use super::answer::Answer;
use super::state::{Job, JobState, State};
use crate::demo::error::ApiError;
use crate::demo::soql;

/// How query jobs behave, and what can be wrong with their results.
#[derive(Debug, Clone)]
pub struct BulkOptions {
    /// How often a job says that it is under way before it has ended.
    pub polls: usize,
    /// Rows in a file of results, where the request asks for no fewer.
    pub file_rows: usize,
    /// Jobs in 24 hours; the next one is refused.
    pub daily_jobs: usize,
    /// Objects that the Bulk API does not read.
    pub unsupported: Vec<String>,
    /// How jobs end instead of being complete: `Failed` or `Aborted`, and the words.
    pub end: Option<(String, String)>,
    /// What is wrong with the results.
    pub fault: Option<BulkFault>,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self { polls: 2, file_rows: 250_000, daily_jobs: 10_000, unsupported: Vec::new(), end: None, fault: None }
    }
}

/// Something that is wrong with the results of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkFault {
    /// The last file lacks its last row, although its header counts it.
    ShortFile,
    /// The same, and its header counts what is there.
    LostRow,
    /// The job counts a row that no file has.
    TooManyAnnounced,
    /// Each file names itself as the next one.
    SameLocator,
    /// The columns come in another order.
    OtherOrder,
    /// The last column is not there.
    NoLastColumn,
    /// The job counts half of the rows, and gives them.
    HalfOfAll,
    /// The addresses of results lead out of the job.
    ForeignAddress,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    operation: String,
    query: String,
    #[serde(default)]
    column_delimiter: Option<String>,
    #[serde(default)]
    line_ending: Option<String>,
}

/// The first version with query jobs.
pub(super) const SINCE: u16 = 47;

/// Most addresses of results in one answer.
const ADDRESSES: usize = 5;

fn api_error(message: &str) -> ApiError {
    ApiError::bad_request("API_ERROR", message)
}

/// Answers what is under `jobs/query`; `segments` is what comes after that.
pub(super) fn answer(state: &State, asked: &Asked<'_>, version: u16, segments: &[&str]) -> Result<Answer, ApiError> {
    match (asked.method, segments) {
        ("POST", []) => create(state, asked, version),
        ("GET", [id]) => state.job(id, |job| {
            job.look();
            Ok(Answer::json(200, &told(job)))
        }),
        ("PATCH", [id]) => state.job(id, |job| {
            let wish: Value = serde_json::from_slice(asked.body).unwrap_or_default();
            if wish["state"] != "Aborted" || job.has_ended() {
                return Err(api_error("Aborting is possible for a job that is under way"));
            }
            job.state = JobState::Ended("Aborted".to_owned(), String::new());
            Ok(Answer::json(200, &told(job)))
        }),
        ("DELETE", [id]) => {
            state.job(id, |job| {
                let refused = "Error encountered when deleting the job because the job is not terminated";
                if job.has_ended() { Ok(()) } else { Err(api_error(refused)) }
            })?;
            state.delete_job(id);
            Ok(Answer::empty(204))
        }
        ("GET", [id, "results"]) => state.job(id, |job| results(state, asked, version, job)),
        ("GET", [id, "resultPages"]) if version >= 58 => state.job(id, |job| pages(state, asked, version, job)),
        _ => Err(ApiError::not_found()),
    }
}

fn create(state: &State, asked: &Asked<'_>, version: u16) -> Result<Answer, ApiError> {
    let options = &state.options.bulk;
    let create: Create = serde_json::from_slice(asked.body).map_err(|error| {
        let message = format!("Unable to parse the request: {error}");
        ApiError::bad_request("JSON_PARSER_ERROR", message)
    })?;
    let is_plain = create.column_delimiter.is_none_or(|delimiter| delimiter == "COMMA")
        && create.line_ending.is_none_or(|ending| ending == "LF");
    if !["query", "queryAll"].contains(&create.operation.as_str()) || !is_plain {
        return Err(ApiError::bad_request("INVALIDJOB", "This operation or format is not supported here"));
    }
    if state.jobs_made() >= options.daily_jobs {
        return Err(ApiError::bad_request("LIMIT_EXCEEDED", "DailyBulkV2QueryJobs Limit exceeded."));
    }
    let object = soql::object_of(&state.org, &create.query).unwrap_or_default();
    if options.unsupported.iter().any(|name| name.eq_ignore_ascii_case(&object)) {
        let message = format!("Entity '{object}' is not supported by the Bulk API.");
        return Err(ApiError::bad_request("INVALIDENTITY", message));
    }
    let rows = match soql::run(&state.org, Some(&state.kept), version, &create.query)? {
        soql::Answer::Rows(rows) if rows.is_flat() => rows,
        _ => {
            return Err(api_error(
                "Implementation restriction: aggregates and sub-selects are not supported by the Bulk API",
            ));
        }
    };
    let total = match options.fault {
        Some(BulkFault::HalfOfAll) => rows.len() / 2,
        _ => rows.len(),
    };
    let after = match &options.end {
        Some((state, words)) => JobState::Ended(state.clone(), words.clone()),
        None => JobState::Complete,
    };
    let job = Job {
        id: String::new(),
        object,
        version,
        operation: create.operation,
        rows,
        total,
        polls: options.polls,
        state: JobState::UploadComplete,
        after,
        overcounted: usize::from(options.fault == Some(BulkFault::TooManyAnnounced)),
    };
    let job = state.add_job(job);
    Ok(Answer::json(200, &told(&job)))
}

fn told(job: &Job) -> Value {
    let (state, words) = match &job.state {
        JobState::UploadComplete => ("UploadComplete", None),
        JobState::InProgress => ("InProgress", None),
        JobState::Complete => ("JobComplete", None),
        JobState::Ended(state, words) => (state.as_str(), Some(words)),
    };
    let mut told = json!({
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "state": state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": f64::from(job.version),
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    });
    if let Some(words) = words {
        told["errorMessage"] = words.as_str().into();
    }
    if matches!(job.state, JobState::Complete) {
        told["numberRecordsProcessed"] = (job.total + job.overcounted).into();
        told["retries"] = 0.into();
        told["totalProcessingTime"] = 334.into();
    }
    told
}

/// The state that results need, and the row that a locator means.
fn place(asked: &Asked<'_>, version: u16, job: &Job) -> Result<usize, ApiError> {
    if version != job.version {
        let message = format!("The job was created with API version {}.0", job.version);
        return Err(ApiError::new(409, "VERSION_MISMATCH", message));
    }
    if !matches!(job.state, JobState::Complete) {
        return Err(api_error("The job has no results as long as it is not complete"));
    }
    let Some(locator) = asked.parameter("locator") else { return Ok(0) };
    let row = locator.strip_prefix("MT").and_then(|row| row.parse().ok()).filter(|row| *row < job.total.max(1));
    row.ok_or_else(|| ApiError::bad_request("INVALIDLOCATOR", "The locator is not valid"))
}

fn results(state: &State, asked: &Asked<'_>, version: u16, job: &Job) -> Result<Answer, ApiError> {
    let options = &state.options.bulk;
    let from = place(asked, version, job)?;
    let wish = asked.parameter("maxRecords").and_then(|most| most.parse().ok()).unwrap_or(usize::MAX);
    let count = options.file_rows.min(wish).max(1).min(job.total - from);
    let end = from + count;
    let is_last = end == job.total;
    let written = match options.fault {
        Some(BulkFault::ShortFile | BulkFault::LostRow) if is_last => count.saturating_sub(1),
        _ => count,
    };
    let mut body = job.rows.write_csv(&state.org, from, written);
    match options.fault {
        Some(BulkFault::OtherOrder) => body = columns(&body, |fields| fields.reverse()),
        Some(BulkFault::NoLastColumn) => body = columns(&body, |fields| drop(fields.pop())),
        _ => {}
    }
    let counted = if options.fault == Some(BulkFault::LostRow) { written } else { count };
    let locator = match options.fault {
        Some(BulkFault::SameLocator) => format!("MT{from}"),
        _ if is_last => "null".to_owned(),
        _ => format!("MT{end}"),
    };
    let answer = Answer { status: 200, content_type: "text/csv; charset=UTF-8".to_owned(), body, headers: Vec::new() };
    Ok(answer.with("sforce-numberofrecords", counted.to_string()).with("sforce-locator", locator))
}

/// Rows whose fields are changed; good for what the demo org holds.
fn columns(body: &[u8], change: impl Fn(&mut Vec<String>)) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(body);
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for record in reader.records().flatten() {
        let mut fields: Vec<String> = record.iter().map(str::to_owned).collect();
        change(&mut fields);
        // Writing to a Vec cannot fail.
        drop(writer.write_record(&fields));
    }
    writer.into_inner().unwrap_or_default()
}

fn pages(state: &State, asked: &Asked<'_>, version: u16, job: &Job) -> Result<Answer, ApiError> {
    let from = place(asked, version, job)?;
    let path = match state.options.bulk.fault {
        Some(BulkFault::ForeignAddress) => format!("/services/data/v{version}.0/jobs/ingest/{}", job.id),
        _ => format!("/services/data/v{version}.0/jobs/query/{}", job.id),
    };
    let mut starts = (from..job.total.max(1)).step_by(state.options.bulk.file_rows.max(1));
    let now = starts.by_ref().take(ADDRESSES);
    let pages: Vec<Value> = now.map(|row| json!({"resultUrl": format!("{path}/results?locator=MT{row}")})).collect();
    let next = starts.next();
    let mut body = json!({"resultPages": pages, "done": next.is_none()});
    if let Some(row) = next {
        body["nextRecordsUrl"] = format!("{path}/resultPages?locator=MT{row}").into();
    }
    Ok(Answer::json(200, &body))
}

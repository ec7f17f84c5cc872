//! What a server remembers: tokens, cursors, calls, faults.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;

use super::Asked;
use super::answer::Answer;
use super::composite::Composite;
use super::options::{Action, Call, Fault, ServerOptions, Target};
use crate::demo::error::ApiError;
use crate::demo::org::Org;
use crate::demo::soql::{self, Rows};
use crate::salesforce::RecordId;
use crate::time::Timestamp;

/// How many cursors are kept; the oldest goes first. Salesforce itself keeps any number for two days.
const MAX_CURSORS: usize = 512;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The consumer key of the demo org's app: no secret, and the same in each run, as a real app's is.
const CLIENT_ID: &str = "3MVG9DemoOrgOfBatonSalesforceConsumerKey";

#[derive(Debug)]
pub(super) struct State {
    pub(super) org: Org,
    pub(super) kept: soql::Kept,
    pub(super) options: ServerOptions,
    pub(super) url: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    used: AtomicU64,
    changing: Mutex<Changing>,
}

#[derive(Debug, Default)]
struct Changing {
    /// Access tokens.
    sessions: HashMap<String, Session>,
    /// The refresh token that a test can ask for.
    refresh_token: String,
    /// All refresh tokens that work, with their users.
    refresh_tokens: HashMap<String, RecordId>,
    /// Codes of the login page that nobody has used yet.
    codes: HashMap<String, Code>,
    cursors: VecDeque<Cursor>,
    /// Query jobs that have not been deleted.
    jobs: Vec<Job>,
    jobs_made: usize,
    calls: Vec<Call>,
    /// Each fault and how many calls it was asked about.
    faults: Vec<(Fault, usize)>,
}

/// What an access token is good for.
#[derive(Debug, Clone, Copy)]
struct Session {
    /// Calls; none = any number.
    left: Option<u64>,
    user: RecordId,
}

/// What a code of the login page is good for.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) user: RecordId,
    pub(super) redirect_uri: String,
    /// The SHA-256 of the verifier, where one was sent.
    pub(super) challenge: Option<String>,
}

/// The rest of a query.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    id: String,
    pub(super) rows: Arc<Rows>,
    object: Option<String>,
    /// The access token that opened it.
    pub(super) session: String,
    pub(super) page_size: usize,
}

/// A query job.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) object: String,
    /// The API version it was made with.
    pub(super) version: u16,
    pub(super) operation: String,
    pub(super) rows: Arc<Rows>,
    /// How many of them it gives.
    pub(super) total: usize,
    /// How many more it says that it has.
    pub(super) overcounted: usize,
    /// How often it will say that it is under way.
    pub(super) polls: usize,
    pub(super) state: JobState,
    /// The state after that.
    pub(super) after: JobState,
}

#[derive(Debug, Clone)]
pub(super) enum JobState {
    UploadComplete,
    InProgress,
    Complete,
    /// `Failed` or `Aborted`, and the words.
    Ended(String, String),
}

impl Job {
    /// Somebody asks for its state, which moves it on.
    pub(super) fn look(&mut self) {
        if self.has_ended() {
            return;
        }
        self.state = if self.polls == 0 { self.after.clone() } else { JobState::InProgress };
        self.polls = self.polls.saturating_sub(1);
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, JobState::Complete | JobState::Ended(..))
    }
}

/// What becomes of a refresh.
pub(super) enum Refresh {
    /// The token is not good.
    Refused,
    /// It stays good.
    Same(RecordId),
    /// It is dead, this is the new one.
    Rotated(RecordId, String),
}

/// A text that is different in each run.
pub(super) fn secret(length: usize) -> String {
    std::iter::repeat_with(|| char::from(LETTERS[fastrand::usize(0..LETTERS.len())])).take(length).collect()
}

impl State {
    /// The server's clock, in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        let told = self.options.date.as_deref().and_then(Timestamp::parse_http_date);
        told.unwrap_or_else(Timestamp::now).millis() / 1000
    }

    pub(super) fn new(org: Org, options: ServerOptions, url: String) -> Self {
        let faults = options.faults.iter().map(|fault| (fault.clone(), 0)).collect();
        let refresh_token = format!("5Aep861{}", secret(64));
        let refresh_tokens = std::iter::once((refresh_token.clone(), org.user)).collect();
        let changing = Changing { refresh_token, refresh_tokens, faults, ..Changing::default() };
        Self {
            used: AtomicU64::new(options.api_used),
            client_id: CLIENT_ID.to_owned(),
            client_secret: secret(48),
            changing: Mutex::new(changing),
            org,
            kept: soql::Kept::default(),
            options,
            url,
        }
    }

    fn changing(&self) -> MutexGuard<'_, Changing> {
        // No code panics while it holds the lock; if one did, the data would still be whole.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn versions(&self) -> RangeInclusive<u16> {
        self.options.versions.clone().unwrap_or_else(|| self.org.versions.clone())
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.changing().calls.clone()
    }

    pub(super) fn log(&self, call: Call) {
        self.changing().calls.push(call);
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Counts a call of the REST API, whose answer tells the count.
    pub(super) fn count(&self, answer: Answer, path: &str) -> Answer {
        if !path.starts_with("/services/data/v") {
            return answer;
        }
        let used = self.used.fetch_add(1, Ordering::Relaxed) + 1;
        answer.with("sforce-limit-info", format!("api-usage={used}/{}", self.options.api_limit))
    }

    pub(super) fn open_session(&self, user: RecordId) -> String {
        let token = format!("{}!AQ{}", self.org.id.as_15(), secret(94));
        self.changing().sessions.insert(token.clone(), Session { left: self.options.session_calls, user });
        token
    }

    pub(super) fn expire_sessions(&self) {
        self.changing().sessions.clear();
    }

    /// Whose token it is, if it is good; a call of it is spent.
    pub(super) fn use_session(&self, token: &str) -> Option<RecordId> {
        let mut changing = self.changing();
        let session = changing.sessions.get_mut(token)?;
        if let Some(left) = &mut session.left {
            *left = left.checked_sub(1)?;
        }
        Some(session.user)
    }

    /// A code for the login page to send back.
    pub(super) fn open_code(&self, code: Code) -> String {
        let text = format!("aPrx{}==", secret(74));
        self.changing().codes.insert(text.clone(), code);
        text
    }

    /// Uses a code up.
    pub(super) fn take_code(&self, text: &str) -> Option<Code> {
        self.changing().codes.remove(text)
    }

    /// A refresh token for a user who has just logged in.
    pub(super) fn open_refresh_token(&self, user: RecordId) -> String {
        let token = format!("5Aep861{}", secret(64));
        self.changing().refresh_tokens.insert(token.clone(), user);
        token
    }

    /// Ends the session of an access token, or of the refresh token with all that came from it.
    pub(super) fn revoke(&self, token: &str) -> bool {
        let mut changing = self.changing();
        if changing.sessions.remove(token).is_some() {
            return true;
        }
        let Some(user) = changing.refresh_tokens.remove(token) else { return false };
        changing.sessions.retain(|_, session| session.user != user);
        true
    }

    pub(super) fn knows(&self, token: &str) -> bool {
        let changing = self.changing();
        changing.sessions.contains_key(token) || changing.refresh_tokens.contains_key(token)
    }

    pub(super) fn refresh_token(&self) -> String {
        self.changing().refresh_token.clone()
    }

    /// Uses a refresh token.
    pub(super) fn refresh(&self, token: &str) -> Refresh {
        let mut changing = self.changing();
        let Some(user) = changing.refresh_tokens.get(token).copied() else { return Refresh::Refused };
        if !self.options.rotate_refresh_tokens {
            return Refresh::Same(user);
        }
        let new = format!("5Aep861{}", secret(64));
        changing.refresh_tokens.remove(token);
        changing.refresh_tokens.insert(new.clone(), user);
        if changing.refresh_token == token {
            changing.refresh_token.clone_from(&new);
        }
        Refresh::Rotated(user, new)
    }

    pub(super) fn add_fault(&self, fault: Fault) {
        self.changing().faults.push((fault, 0));
    }

    /// The fault of this call, if one is due. Every fault counts the calls that it is about.
    pub(super) fn fault(&self, path: &str, object: Option<&str>) -> Option<Action> {
        let mut due = None;
        for (fault, count) in &mut self.changing().faults {
            let about = match &fault.on {
                Target::Any => true,
                Target::Path(prefix) => path.starts_with(prefix.as_str()),
                Target::Object(name) => object.is_some_and(|object| object.eq_ignore_ascii_case(name)),
            };
            if !about {
                continue;
            }
            *count += 1;
            if due.is_none() && fault.nth.is_none_or(|nth| nth == *count) {
                due = Some(fault.action.clone());
            }
        }
        due
    }

    /// The object and the text of a query, or the object of a further page.
    pub(super) fn subject(&self, asked: &Asked<'_>) -> (Option<String>, Option<String>) {
        if !asked.path.starts_with("/services/data/v") {
            return (None, None);
        }
        let resource = asked.path.splitn(5, '/').nth(4).unwrap_or_default();
        let (name, rest) = resource.split_once('/').unwrap_or((resource, ""));
        match (name, rest) {
            ("query" | "queryAll", "") => match asked.parameter("q") {
                Some(soql) => (soql::object_of(&self.org, soql), Some(soql.to_owned())),
                None => (None, None),
            },
            ("jobs", rest) => {
                let mut parts = rest.split('/').skip(1);
                if let Some(id) = parts.next() {
                    let changing = self.changing();
                    return (changing.jobs.iter().find(|job| job.id == id).map(|job| job.object.clone()), None);
                }
                let body: serde_json::Value = serde_json::from_slice(asked.body).unwrap_or_default();
                let soql = body["query"].as_str();
                (soql.and_then(|soql| soql::object_of(&self.org, soql)), soql.map(str::to_owned))
            }
            ("query" | "queryAll", locator) => (self.cursor(locator).and_then(|(cursor, _)| cursor.object), None),
            ("composite", "") => match Composite::parse(asked.body).and_then(|composite| composite.only_query()) {
                Some(soql) => (soql::object_of(&self.org, &soql), Some(soql)),
                None => (None, None),
            },
            _ => (None, None),
        }
    }

    /// Keeps a job, which gets its id.
    pub(super) fn add_job(&self, mut job: Job) -> Job {
        let mut changing = self.changing();
        changing.jobs_made += 1;
        job.id = format!("750xx{}", secret(13));
        changing.jobs.push(job.clone());
        job
    }

    /// How many jobs were made.
    pub(super) fn jobs_made(&self) -> usize {
        self.changing().jobs_made
    }

    /// The ids of the jobs that are there.
    pub(super) fn jobs(&self) -> Vec<String> {
        self.changing().jobs.iter().map(|job| job.id.clone()).collect()
    }

    /// Does something with a job.
    pub(super) fn job<T>(&self, id: &str, run: impl FnOnce(&mut Job) -> Result<T, ApiError>) -> Result<T, ApiError> {
        // Not under the lock: results can take long to write.
        let found = self.changing().jobs.iter().find(|job| job.id == id).cloned();
        let mut job = found.ok_or_else(ApiError::not_found)?;
        let done = run(&mut job);
        if let Some(kept) = self.changing().jobs.iter_mut().find(|job| job.id == id && !job.has_ended()) {
            *kept = job;
        }
        done
    }

    pub(super) fn delete_job(&self, id: &str) {
        self.changing().jobs.retain(|job| job.id != id);
    }

    /// Keeps the rest of a query; the id that its locators begin with.
    pub(super) fn keep(&self, rows: &Arc<Rows>, object: Option<&str>, session: &str, page_size: usize) -> String {
        let mut changing = self.changing();
        if let Some(known) = changing.cursors.iter().find(|cursor| Arc::ptr_eq(&cursor.rows, rows)) {
            return known.id.clone();
        }
        if changing.cursors.len() >= MAX_CURSORS {
            changing.cursors.pop_front();
        }
        let id = format!("0r8xx{}", secret(13));
        changing.cursors.push_back(Cursor {
            id: id.clone(),
            rows: Arc::clone(rows),
            object: object.map(str::to_owned),
            session: session.to_owned(),
            page_size,
        });
        id
    }

    /// The cursor and the row that a locator `0r8…-2000` means.
    pub(super) fn cursor(&self, locator: &str) -> Option<(Cursor, usize)> {
        let (id, from) = locator.rsplit_once('-')?;
        let from = from.parse().ok()?;
        let changing = self.changing();
        changing.cursors.iter().find(|cursor| cursor.id == id).cloned().map(|cursor| (cursor, from))
    }
}

use baton_salesforce::demo::{Action, Fault, Target};

use super::{RETRIES, api_error, assert_true, demo, faults, run, run_with, truth};
use crate::support::Demo;

/// A moment of a run: which calls it is about, and which of them.
#[derive(Debug, Clone)]
struct Moment {
    name: String,
    on: Target,
    nth: usize,
}

impl Moment {
    fn token() -> Self {
        let on = Target::Path("/services/oauth2/token".to_owned());
        Self { name: "token".to_owned(), on, nth: 1 }
    }

    fn version() -> Self {
        let on = Target::Path("/services/data/".to_owned());
        Self { name: "version".to_owned(), on, nth: 1 }
    }

    /// The first page of an object, one in the middle, and the last.
    fn pages(object: &str) -> Vec<Self> {
        let pages = truth().document.read_of(object)["pages"].as_u64().unwrap();
        let pages = usize::try_from(pages).unwrap();
        assert!(pages >= 3, "{object}: {pages}");
        let page = |(which, nth): (&str, usize)| Self {
            name: format!("{which} page of {object}"),
            on: Target::Object(object.to_owned()),
            nth,
        };
        [("first", 1), ("middle", 2), ("last", pages)].map(page).to_vec()
    }

    /// This fault, so many times in a row.
    fn faults(&self, action: &Action, times: usize) -> Vec<Fault> {
        (self.nth..self.nth + times).map(|nth| Fault::new(self.on.clone(), nth, action.clone())).collect()
    }
}

/// What is to come of a fault that comes once, and of one that stays.
#[derive(Debug, Clone, Copy)]
struct Expected {
    /// Calls more than without it, where the run gets over it; else the exit code.
    once: Result<usize, i32>,
    /// The exit code, and how often the call in question was made; none where more than that is done about it.
    stays: Option<(i32, usize)>,
}

const AGAIN: Result<usize, i32> = Ok(1);

fn expected(fault: &str, moment: &Moment) -> Expected {
    let passes = |code, calls| Expected { once: AGAIN, stays: Some((code, calls)) };
    let ends = |code| Expected { once: Err(code), stays: Some((code, 1)) };
    if moment.name == "token" {
        return token(fault);
    }
    let all = RETRIES + 1;
    let is_version = moment.name == "version";
    match fault {
        // The connection can have been dead before: the first repetition does not count.
        "connection closed" => passes(14, if is_version { all } else { all + 1 }),
        "silence" => passes(4, all),
        "body cut" | "chunks cut" | "gzip cut" | "406" | "408" | "420" | "500" | "502" | "503" | "503 page" | "504"
        | "page with 200" | "nothing with 200" | "lock" => passes(14, all),
        "429" | "crowded" => passes(8, all),
        "spent" => ends(8),
        "session" if is_version => ends(16),
        // A new token, and the same again.
        "session" => Expected { once: Ok(2), stays: Some((16, 2)) },
        "query timeout" if is_version => passes(4, 2),
        // It is divided, or goes on above the last row: see the tests of scans.
        // Where the rows begin and end is asked for as well, twice as all is; later the rest is divided.
        "query timeout" if moment.nth == 1 => Expected { once: AGAIN, stays: Some((4, 4)) },
        "query timeout" => Expected { once: AGAIN, stays: None },
        "lost cursor" if moment.nth == 1 => ends(14),
        // And the cursor that takes its place is lost as well.
        "lost cursor" => Expected { once: AGAIN, stays: Some((14, 2)) },
        "no API" | "redirect" => ends(9),
        "gone" => ends(3),
        "page with 404" => passes(5, 2),
        "rows missing" if !is_version => ends(15),
        "malformed" | "other JSON" | "empty object" | "rows missing" => ends(2),
        "trickle" => Expected { once: Ok(0), stays: None },
        other => panic!("{other}"),
    }
}

/// Client credentials: nothing is used up by a request for a token.
fn token(fault: &str) -> Expected {
    let passes = |code| Expected { once: AGAIN, stays: Some((code, RETRIES + 1)) };
    let ends = |code| Expected { once: Err(code), stays: Some((code, 1)) };
    match fault {
        "silence" => passes(4),
        "connection closed" | "body cut" | "chunks cut" | "gzip cut" | "408" | "420" | "500" | "502" | "503"
        | "503 page" | "504" | "page with 200" | "nothing with 200" | "other JSON" => passes(14),
        "429" => passes(8),
        "trickle" => Expected { once: Ok(0), stays: None },
        "crowded" | "spent" | "no API" => ends(7),
        "session" => ends(16),
        "page with 404" => ends(5),
        "redirect" => ends(9),
        _ => ends(14),
    }
}

/// Calls that a moment is about.
fn calls(demo: &Demo, moment: &Moment) -> usize {
    let is_meant = |call: &baton_salesforce::demo::Call| match &moment.on {
        Target::Path(path) => call.path == *path,
        Target::Object(object) => call.object.as_deref() == Some(object.as_str()),
        Target::Any => true,
    };
    demo.server.calls().iter().filter(|call| is_meant(call)).count()
}

fn try_all(moments: &[Moment]) {
    let mut wrong = Vec::new();
    for (fault, action) in faults() {
        for moment in moments {
            let expected = expected(fault, moment);
            // What stays at the last page is what stays at one in the middle.
            let times = if moment.nth > 2 { vec![1] } else { vec![1, RETRIES + 2] };
            for times in times {
                let cell = format!("{fault}, {}, {times} times", moment.name);
                let demo = demo(moment.faults(&action, times));
                let ran = run_with(&demo, if fault == "silence" { "150ms" } else { "30s" });
                assert_true(&demo, &ran, &cell);
                let made = demo.server.calls().len();
                let fits = match (times, expected.once, expected.stays) {
                    // A call that never gets its answer is not in the server's list, and a busy machine can be silent, too.
                    (1, Ok(_), _) if fault == "silence" => ran.code() == 0,
                    (1, Ok(more), _) => ran.code() == 0 && made == truth().calls + more,
                    (1, Err(code), _) => ran.code() == code,
                    (_, _, None) => ran.code() == 0,
                    (_, _, Some((code, _))) if fault == "silence" => ran.code() == code,
                    (_, _, Some((code, tries))) => (ran.code(), calls(&demo, moment)) == (code, tries + moment.nth - 1),
                };
                if !fits {
                    let calls = calls(&demo, moment);
                    let last: Vec<_> =
                        ran.stderr().lines().filter(|line| line.starts_with("error: ")).map(str::to_owned).collect();
                    wrong.push(format!(
                        "{cell}: exit {}, {made} calls ({}), {calls} of these, {expected:?} {last:?}",
                        ran.code(),
                        truth().calls
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn at_the_login_and_the_version_list() {
    try_all(&[Moment::token(), Moment::version()]);
}

#[test]
fn at_the_pages_of_one_object() {
    try_all(&Moment::pages("Group"));
}

#[test]
fn at_the_pages_of_another_object() {
    try_all(&Moment::pages("GroupMember"));
}

#[test]
fn at_every_object() {
    let objects: std::collections::BTreeSet<_> = demo_calls();
    assert!(objects.len() > 12, "{objects:?}");
    for object in objects {
        let on = || Target::Object(object.clone());
        for (name, action, code) in [
            ("connection closed", Action::Reset, 0),
            ("body cut", Action::Cut { after_bytes: 40, with_content_length: true }, 0),
            (
                "503",
                api_error(503, "SERVER_UNAVAILABLE", "down"),
                if object == "UserPermissionAccess" { 0 } else { 14 },
            ),
        ] {
            let nth = (name != "503").then_some(1);
            let demo = demo(vec![Fault::new(on(), nth, action)]);
            let ran = run(&demo);
            let cell = format!("{name} at {object}");
            assert_true(&demo, &ran, &cell);
            assert_eq!(ran.code(), code, "{cell}: {}", ran.stderr());
        }
    }
}

/// The objects that a run asks for.
fn demo_calls() -> std::collections::BTreeSet<String> {
    let demo = demo(Vec::new());
    run(&demo);
    demo.server.calls().into_iter().filter_map(|call| call.object).collect()
}

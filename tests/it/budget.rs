//! How many API calls a run may make, and what it would take.

use baton_salesforce::demo::{Org, ServerOptions, Shape};
use serde_json::Value;

use crate::support::Demo;

fn demo() -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default())
}

/// Calls that count towards the org's allowance.
fn counted(demo: &Demo) -> u64 {
    let is_counted = |path: &str| path.starts_with("/services/data/v") || path == "/services/oauth2/userinfo";
    demo.server.calls().iter().filter(|call| is_counted(&call.path)).count() as u64
}

#[test]
fn a_dry_run_counts_what_a_run_reads() {
    for more in [
        vec![],
        vec!["--sync-non-standard-users"],
        vec!["--sync-also", "territory,connected_application,agent,permission_set_license"],
        vec!["--sync-resource-types", "user,role", "--skip-entitlements-and-grants"],
    ] {
        let demo = demo();
        let ran = demo.run().arg("--dry-run=json").args(&more).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        assert!(!ran.path("sync.json").exists());
        let told: Value = serde_json::from_str(&ran.stdout()).unwrap();
        assert_eq!(told["callsMade"], counted(&demo));
        let document = demo.run().args(&more).output().document();
        let read = document.0["summary"]["read"].as_array().unwrap();
        for object in told["objects"].as_array().unwrap() {
            let name = object["object"].as_str().unwrap();
            let rows = read.iter().find(|read| read["object"] == name).map(|read| &read["rows"]);
            assert_eq!(rows, Some(&object["rows"]), "{name}");
        }
        let (told, took) =
            (told["calls"].as_u64().unwrap(), document.0["summary"]["cost"]["apiCalls"].as_u64().unwrap());
        assert!(told.abs_diff(took) <= 8, "{more:?}: {told} calls were told, and {took} made");
    }
}

#[test]
fn a_dry_run_says_what_is_left() {
    let ran = demo().run().arg("--dry-run").output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let text = ran.stdout();
    assert!(text.contains("A run takes about") && text.contains("are left") && text.contains("No document"), "{text}");
}

#[test]
fn a_run_makes_no_more_calls_than_it_may() {
    let took = {
        let demo = demo();
        let document = demo.run().output().document();
        document.0["summary"]["cost"]["apiCalls"].as_u64().unwrap()
    };
    for most in [0, 1, 2, 7, took - 1] {
        let demo = demo();
        let ran = demo.run().args(["--max-api-calls", &most.to_string()]).output();
        ran.failed(8, &["API calls", "--max-api-calls"]);
        assert!(counted(&demo) <= most, "{} calls were made, and {most} allowed", counted(&demo));
    }
    let document = demo().run().args(["--max-api-calls", &took.to_string()]).output().document();
    assert_eq!(document.0["summary"]["complete"], true);
}

#[test]
fn what_is_to_stay_of_the_allowance_stays() {
    // The small org may make 100,000 calls a day.
    let demo = demo();
    let ran = demo.run().args(["--api-reserve", "99990"]).output();
    ran.failed(8, &["are to stay for others", "--api-reserve"]);
    // As the org counts: who is logged in is not asked of the API.
    let calls = demo.server.calls();
    let calls = calls.iter().filter(|call| call.path.starts_with("/services/data/v")).count();
    assert!(calls <= 10, "{calls} calls");
    // The document that is there stays.
    let first = demo.run().output();
    first.document();
    let before = std::fs::read(first.path("sync.json")).unwrap();
    let again = demo.run().args(["--api-reserve", "99999", "-f"]).arg(first.path("sync.json")).output();
    assert_eq!(again.code(), 8, "{}", again.stderr());
    assert!(std::fs::read(first.path("sync.json")).unwrap() == before);
    let document = demo.run().args(["--api-reserve", "1000"]).output().document();
    assert_eq!(document.0["summary"]["complete"], true);
}

#[test]
fn nonsense_is_refused() {
    for (arguments, says) in [
        (["--max-api-calls", "few"], "`few` is not a number of API calls"),
        (["--api-reserve", "1e3"], "--api-reserve"),
        (["--dry-run=xml", "--force"], "`xml`"),
    ] {
        demo().run().args(arguments).output().failed(3, &[says]);
    }
}

use baton_salesforce::demo::{Fault, Target};
use fastrand::Rng;

use super::{assert_true, demo, faults, run, truth};

/// Some faults at random moments of a run, and then whatever comes of them.
fn soak(seeds: std::ops::Range<u64>) {
    let mut whole = 0;
    for seed in seeds.clone() {
        let mut rng = Rng::with_seed(seed);
        // Silence takes its time, and a count without rows is what was asked for.
        let is_left_out = |name: &str| ["silence", "rows missing"].contains(&name);
        let all: Vec<_> = faults().into_iter().filter(|(name, _)| !is_left_out(name)).collect();
        let faults: Vec<_> = (0..rng.usize(1..6))
            .map(|_| {
                let (name, action) = all[rng.usize(..all.len())].clone();
                (name, Fault::new(Target::Any, rng.usize(1..=truth().calls), action))
            })
            .collect();
        let names: Vec<_> = faults.iter().map(|(name, fault)| (*name, fault.nth)).collect();
        let demo = demo(faults.into_iter().map(|(_, fault)| fault).collect());
        let ran = run(&demo);
        assert_true(&demo, &ran, &format!("seed {seed}, {names:?}"));
        whole += u64::from(ran.code() == 0);
    }
    // Neither all nor none of them.
    let runs = seeds.end - seeds.start;
    assert!(whole > runs / 5 && whole < runs, "{whole} of {runs}");
}

#[test]
fn one_hundred_runs_tell_the_truth() {
    soak(0..100);
}

#[test]
fn and_one_hundred_more() {
    soak(100..200);
}

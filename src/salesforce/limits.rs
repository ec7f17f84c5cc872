//! What the org's API allowance says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The org's daily API calls, as the latest answer told them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiUsage {
    /// Calls used in the last 24 hours, by everybody.
    pub used: u64,
    /// Calls allowed in 24 hours.
    pub limit: u64,
}

impl ApiUsage {
    /// Reads `Sforce-Limit-Info`: `api-usage=18/5000`, perhaps with more pairs after a `;`. The first number is *used*
    /// (REST API Developer Guide, "Limit Info Header").
    pub fn parse(header: &str) -> Option<Self> {
        header.split(';').find_map(|pair| {
            let (used, limit) = pair.trim().strip_prefix("api-usage=")?.split_once('/')?;
            let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
            Some(Self { used: digits(used)?, limit: digits(limit)? })
        })
    }
}

/// What a client may spend: calls and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// In all.
    pub calls: Option<u64>,
    /// So many of the org's daily calls stay for others.
    pub reserve: Option<u64>,
    /// It is not waited for longer than until then.
    pub until: Option<Instant>,
}

/// Why a call is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Spent {
    /// As many were made as may be.
    #[error("the run may make {0} API calls, and has made them")]
    Calls(u64),
    /// What is left of the org's allowance is to stay.
    #[error(
        "{} of the org's {} API calls in 24 hours are used, and {reserve} of them are to stay for others",
        .usage.used,
        .usage.limit
    )]
    Reserve {
        /// What is used.
        usage: ApiUsage,
        /// What is to stay.
        reserve: u64,
    },
}

impl Budget {
    /// How many more calls may be made, as far as that is known.
    pub(crate) fn left(self, made: u64, usage: Option<ApiUsage>) -> Option<u64> {
        let of_run = self.calls.map(|calls| calls.saturating_sub(made));
        let reserve = self.reserve.unwrap_or_default();
        let of_org = usage.map(|usage| usage.limit.saturating_sub(usage.used).saturating_sub(reserve));
        of_run.into_iter().chain(of_org).min()
    }

    /// Whether one more call may be made when so many were made, and so many of these, that one too, are not answered yet.
    pub(crate) fn allows(self, made: u64, under_way: u64, usage: Option<ApiUsage>) -> Result<(), Spent> {
        if let Some(calls) = self.calls.filter(|calls| made >= *calls) {
            return Err(Spent::Calls(calls));
        }
        if let (Some(reserve), Some(usage)) = (self.reserve, usage)
            && usage.used.saturating_add(under_way).saturating_add(reserve) > usage.limit
        {
            return Err(Spent::Reserve { usage, reserve });
        }
        Ok(())
    }
}

/// The latest usage seen, shared between requests.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    used: AtomicU64,
    limit: AtomicU64,
}

impl Limits {
    pub(crate) fn see(&self, usage: ApiUsage) {
        // Answers arrive out of order; usage only grows within a run.
        self.used.fetch_max(usage.used, Ordering::Relaxed);
        self.limit.store(usage.limit, Ordering::Relaxed);
    }

    pub(crate) fn usage(&self) -> Option<ApiUsage> {
        let limit = self.limit.load(Ordering::Relaxed);
        (limit > 0).then(|| ApiUsage { used: self.used.load(Ordering::Relaxed), limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_where_it_says() {
        let usage = |used| Some(ApiUsage { used, limit: 100 });
        assert_eq!(Budget::default().allows(1_000_000, 8, usage(100)), Ok(()));
        let calls = Budget { calls: Some(3), ..Budget::default() };
        assert_eq!((calls.allows(2, 1, None), calls.allows(3, 1, None)), (Ok(()), Err(Spent::Calls(3))));
        assert_eq!(Budget { calls: Some(0), ..Budget::default() }.allows(0, 1, None), Err(Spent::Calls(0)));
        let reserve = Budget { reserve: Some(20), ..Budget::default() };
        // As long as nobody has told what is used, the first call may be made: its answer tells.
        assert_eq!(reserve.allows(0, 1, None), Ok(()));
        assert_eq!((reserve.allows(5, 1, usage(79)), reserve.allows(5, 2, usage(78))), (Ok(()), Ok(())));
        assert!(reserve.allows(5, 1, usage(80)).is_err() && reserve.allows(5, 3, usage(78)).is_err());
    }

    #[test]
    fn what_is_left_is_the_least_of_all() {
        let usage = Some(ApiUsage { used: 60, limit: 100 });
        assert_eq!(Budget::default().left(5, None), None);
        assert_eq!(Budget::default().left(5, usage), Some(40));
        let budget = Budget { calls: Some(30), reserve: Some(20), ..Budget::default() };
        assert_eq!(
            (budget.left(5, usage), budget.left(25, usage), budget.left(40, None)),
            (Some(20), Some(5), Some(0))
        );
    }

    #[test]
    fn the_first_number_is_used() {
        for header in [
            "api-usage=18/5000",
            "api-usage=18/5000; per-app-api-usage=17/250(appName=x)",
            "api-bursts=1/750; api-usage=18/5000",
        ] {
            assert_eq!(ApiUsage::parse(header), Some(ApiUsage { used: 18, limit: 5000 }), "{header}");
        }
        for header in ["", "api-usage=", "api-usage=x/y", "per-app-api-usage=17/250(appName=x)"] {
            assert_eq!(ApiUsage::parse(header), None, "{header}");
        }
    }
}

//! What the org's API allowance says.

use std::sync::atomic::{AtomicU64, Ordering};

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

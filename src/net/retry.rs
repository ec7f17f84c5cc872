//! How often a request is sent again, and after which pause. Which failures are worth it is known to those who ask.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::time::Timestamp;

/// How often, and after how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How often a request is sent again at most.
    pub retries: u32,
    /// The longest pause before the first time; it doubles with each further one.
    pub pause: Duration,
}

/// No pause of our own choice is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A server that asks for more is taken at its word: there is no answer to be had now.
const LONGEST_WISH: Duration = Duration::from_mins(10);

impl Default for Policy {
    /// A minute and a half at the most.
    fn default() -> Self {
        Self { retries: 8, pause: Duration::from_millis(500) }
    }
}

impl Policy {
    /// The pause after the failure of try number `tries` (the first is 1): what the server wishes, or else anything up to
    /// the longest ("full jitter": those who failed together must not come back together). `random` is from 0 to 1.
    /// `None` where it is not sent again.
    pub fn pause(&self, tries: u32, wish: Option<Duration>, random: f64) -> Option<Duration> {
        if tries > self.retries || wish.is_some_and(|wish| wish > LONGEST_WISH) {
            return None;
        }
        let longest = self.pause.saturating_mul(2_u32.saturating_pow(tries - 1)).min(LONGEST_PAUSE);
        Some(wish.unwrap_or_default() + longest.mul_f64(random.clamp(0.0, 1.0)))
    }
}

/// `Retry-After`, in seconds or as a date, which is held against the answer's own clock.
pub fn wish(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let wish = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = wish.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = Timestamp::parse_http_date(text(DATE)?)?;
    let millis = Timestamp::parse_http_date(wish)?.millis() - now.millis();
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let policy = Policy { retries: 8, pause: Duration::from_secs(1) };
        let longest: Vec<_> =
            (1..=9).map(|tries| policy.pause(tries, None, 1.0).map(|pause| pause.as_secs())).collect();
        let expected = [1, 2, 4, 8, 16, 30, 30, 30].map(Some);
        assert_eq!((&longest[..8], longest[8]), (&expected[..], None));
        assert_eq!(policy.pause(3, None, 0.25), Some(Duration::from_secs(1)));
        assert_eq!(policy.pause(3, None, 0.0), Some(Duration::ZERO));
        assert_eq!(Policy { retries: 0, ..policy }.pause(1, None, 0.5), None);
        assert_eq!(Policy { retries: u32::MAX, ..policy }.pause(4_000_000_000, None, 1.0), Some(LONGEST_PAUSE));
    }

    #[test]
    fn a_wish_is_met_unless_it_is_too_long() {
        let policy = Policy { retries: 3, pause: Duration::from_secs(2) };
        assert_eq!(policy.pause(1, Some(Duration::from_secs(9)), 0.5), Some(Duration::from_secs(10)));
        assert_eq!(policy.pause(1, Some(Duration::from_secs(601)), 0.5), None);
        assert_eq!(policy.pause(4, Some(Duration::ZERO), 0.5), None);
    }

    #[test]
    fn a_wish_is_read_in_both_forms() {
        let wish = |retry_after: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
            headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
            super::wish(&headers).map(|wish| wish.as_secs())
        };
        let noon = Some("Wed, 25 Nov 2026 12:00:00 GMT");
        assert_eq!(wish("7", None), Some(7));
        assert_eq!(wish("Wed, 25 Nov 2026 12:01:30 GMT", noon), Some(90));
        assert_eq!(wish("Wed, 25 Nov 2026 11:00:00 GMT", noon), Some(0));
        for (text, date) in [("Wed, 25 Nov 2026 12:01:30 GMT", None), ("soon", noon), ("-1", noon), ("", noon)] {
            assert_eq!(wish(text, date), None, "{text}");
        }
    }
}

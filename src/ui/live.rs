//! The live lines of a terminal: one for each object that is under way, and one for the whole run.

use std::time::{Duration, Instant};

use super::Look;
use super::screen::Line;
use super::text::{Tone, count, fit, names, number, pad, plain, span, width};
use super::tracker::{Pages, Phase, State, Tracked, Tracker};

/// Longer lines are hard to read, and a window that is made narrower would break them.
const LONGEST: usize = 112;
/// The longest name of an object, and the space before what follows it.
pub(super) const NAME: usize = 28;
/// How long a picture of the wheel stands.
const TURN: Duration = Duration::from_millis(125);

/// All live lines at a time.
pub(super) fn lines(tracker: &Tracker, look: &Look, now: Instant) -> Vec<Line> {
    // The last column stays free: a character there would leave the cursor between two lines.
    let columns = look.columns.saturating_sub(1).min(LONGEST);
    let mut lines: Vec<_> = tracker.objects.iter().filter_map(|tracked| object(tracked, look, columns)).collect();
    // What does not fit above the last line would scroll away and stay.
    lines.truncate(look.rows.saturating_sub(2).max(1));
    lines.push(whole(tracker, look, now, columns));
    lines
}

fn object(tracked: &Tracked, look: &Look, columns: usize) -> Option<Line> {
    let pages = match &tracked.state {
        State::Reading(pages) => Some(pages),
        State::Asked => None,
        State::Read(_) | State::NotRead => return None,
    };
    // Without a page and without trouble, the last line speaks of it.
    if pages.is_none() && tracked.repeating.is_none() {
        return None;
    }
    let name = format!("  {}", pad(&tracked.name, name_columns(columns)));
    let rows = pages.map(rows).unwrap_or_default();
    if let Some(reason) = &tracked.repeating {
        let start = if rows.is_empty() { name } else { format!("{name}{}  ", rows.trim()) };
        let rest = fit(&format!("repeating: {}", plain(reason)), columns.saturating_sub(width(&start)));
        let painted = format!("{start}{}", look.palette.paint(Tone::Caution, &rest));
        return Some(Line::new(&format!("{start}{rest}"), painted));
    }
    let pages = pages?;
    let mut text = format!("{name}{rows} {:>3}%", percent(pages));
    if width(&text) > columns {
        // Narrow: how far it is says more than of how many.
        text = format!("{name}{:>9} {:>3}%", number(pages.rows), percent(pages));
    }
    let rate = pages.rate().map(|rate| format!("{:>10}", format!("{}/s", number(rate))));
    let rest = pages.rest().map(|rest| format!("  {} left", seconds(rest)));
    let mut painted = None;
    // A shorter bar leaves room for the rate.
    if let Some(length) = [16, 10].into_iter().find(|length| width(&text) + length + 12 <= columns) {
        let (full, empty) = bar(pages, length, look.unicode);
        let start = format!("{text}  ");
        painted = Some(format!("{start}{}{empty}", look.palette.paint(Tone::Good, &full)));
        text = format!("{start}{full}{empty}");
    }
    let mut painted = painted.unwrap_or_else(|| text.clone());
    let on_pages = Some(format!("  {:>9}", count(pages.count, "page", "pages")));
    for part in [rate, on_pages, rest].into_iter().flatten() {
        if width(&text) + width(&part) <= columns {
            text.push_str(&part);
            painted.push_str(&part);
        }
    }
    let cut = fit(&text, columns);
    Some(if cut == text { Line::new(&text, painted) } else { Line::new(&cut, cut.clone()) })
}

/// The column of names: wide enough for all of them where there is room.
pub(super) fn name_columns(columns: usize) -> usize {
    NAME.min(columns.saturating_sub(18)).max(8)
}

fn rows(pages: &Pages) -> String {
    format!("{:>9} {:<12}", number(pages.rows), format!("of {}", number(pages.total)))
}

fn percent(pages: &Pages) -> u64 {
    (pages.rows.min(pages.total) * 100).checked_div(pages.total).unwrap_or(100)
}

fn bar(pages: &Pages, length: usize, unicode: bool) -> (String, String) {
    let full = usize::try_from(percent(pages)).unwrap_or(100) * length / 100;
    let (one, other) = if unicode { ("\u{2501}", "\u{2508}") } else { ("#", ".") };
    (one.repeat(full), other.repeat(length - full))
}

fn whole(tracker: &Tracker, look: &Look, now: Instant, columns: usize) -> Line {
    let elapsed = tracker.elapsed(now);
    let wheel: &[&str] = if look.unicode {
        &["\u{280b}", "\u{2819}", "\u{2839}", "\u{2838}", "\u{283c}", "\u{2834}", "\u{2826}", "\u{2827}"]
    } else {
        &["|", "/", "-", "\\"]
    };
    let turn = usize::try_from(elapsed.as_millis() / TURN.as_millis()).unwrap_or_default() % wheel.len();
    let text = fit(&words(tracker, now, columns.saturating_sub(2)), columns.saturating_sub(2));
    let painted = format!("{} {text}", look.palette.paint(Tone::Hint, wheel[turn]));
    Line::new(&format!("{} {text}", wheel[turn]), painted)
}

fn words(tracker: &Tracker, now: Instant, columns: usize) -> String {
    let time = seconds(tracker.elapsed(now));
    if let Some((object, reason)) = &tracker.aside {
        return format!("repeating the request for {}: {}", plain(object), plain(reason));
    }
    match &tracker.phase {
        Phase::Before => return format!("starting  {time}"),
        Phase::LoggingIn(host) => return format!("logging in at {}  {time}", plain(host)),
        Phase::Asking => return format!("asking who and where  {time}"),
        Phase::Writing => return format!("writing the document  {time}"),
        Phase::Reading => {}
    }
    let mut text = format!("{} of {} objects  {time}", tracker.done(), tracker.objects.len());
    let some = |number: u64| Some(number).filter(|number| *number > 0);
    let parts = [
        some(tracker.rows()).map(|rows| format!("  {}", count(rows, "row", "rows"))),
        tracker.rate(now).map(|rate| format!(", {}/s", number(rate))),
        some(tracker.repeats).map(|repeats| format!("  {} repeated", number(repeats))),
    ];
    for part in parts.into_iter().flatten() {
        if width(&text) + width(&part) <= columns {
            text.push_str(&part);
        }
    }
    // Those with a page have a line of their own.
    let asked: Vec<_> = tracker.open().filter(|t| t.state == State::Asked).map(|t| t.name.as_str()).collect();
    let room = columns.saturating_sub(width(&text) + "  waiting for ".len());
    let waiting = match asked.len() {
        0 if tracker.open().next().is_none() => "  putting it together".to_owned(),
        0 => return text,
        _ => format!("  waiting for {}", names(&asked, room)),
    };
    if width(&text) + width(&waiting) <= columns {
        text.push_str(&waiting);
    }
    text
}

/// Whole ones, since they are counted up before one's eyes.
fn seconds(time: Duration) -> String {
    match time.as_secs() {
        few @ 0..10 => format!("{few} s"),
        more => span(Duration::from_secs(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::Palette;
    use super::*;
    use crate::sync::Event;

    fn look(columns: usize) -> Look {
        Look { columns, rows: 24, palette: Palette(false), unicode: true }
    }

    fn run() -> (Tracker, Instant) {
        let start = Instant::now();
        let mut tracker = Tracker::default();
        let at = |seconds| start + Duration::from_secs(seconds);
        let connected = Event::Connected { org: "Acme".to_owned(), username: None, version: "66.0".to_owned() };
        tracker.see(&connected, at(0));
        for object in ["User", "PermissionSetGroupComponent", "GroupMember"] {
            tracker.see(&Event::Started { object: object.to_owned() }, at(0));
        }
        for (rows, seconds) in [(2000, 1), (40_000, 20)] {
            tracker.see(&Event::Page { object: "User".to_owned(), rows, total: 61_234 }, at(seconds));
        }
        (tracker, at(20))
    }

    fn texts(tracker: &Tracker, columns: usize, now: Instant) -> Vec<String> {
        lines(tracker, &look(columns), now).iter().map(|line| line.painted().to_owned()).collect()
    }

    #[test]
    fn wide_windows_show_more() {
        let (tracker, now) = run();
        assert_eq!(
            texts(&tracker, 140, now),
            [
                "  User                           40,000 of 61,234     65%  ━━━━━━━━━━┈┈┈┈┈┈   2,000/s    2 pages  11 s left",
                "⠋ 0 of 3 objects  20 s  40,000 rows, 2,000/s  waiting for PermissionSetGroupComponent, GroupMember",
            ]
        );
        assert_eq!(
            texts(&tracker, 80, now),
            [
                "  User                           40,000 of 61,234     65%  ━━━━━━┈┈┈┈   2,000/s",
                "⠋ 0 of 3 objects  20 s  40,000 rows, 2,000/s  waiting for 2 objects",
            ]
        );
        assert_eq!(
            texts(&tracker, 40, now),
            ["  User                    40,000  65%", "⠋ 0 of 3 objects  20 s  40,000 rows"]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_window() {
        let (mut tracker, now) = run();
        let reason = "SERVER_UNAVAILABLE: 大久保\u{202e} ".repeat(9);
        for object in ["GroupMember", "userinfo"] {
            for columns in 4..150 {
                for line in lines(&tracker, &look(columns), now) {
                    assert!(width(line.painted()) < columns.max(24), "{columns}: {line:?}");
                }
            }
            let object = object.to_owned();
            tracker.see(&Event::Repeating { object, reason: reason.clone(), pause: Duration::ZERO }, now);
        }
    }

    #[test]
    fn a_repeated_request_is_told_where_its_object_stands() {
        let (mut tracker, now) = run();
        for object in ["User", "GroupMember"] {
            let (object, reason) = (object.to_owned(), "SERVER_UNAVAILABLE (HTTP 503)".to_owned());
            tracker.see(&Event::Repeating { object, reason, pause: Duration::ZERO }, now);
        }
        let lines = texts(&tracker, 80, now);
        assert_eq!(lines[0], "  User                        40,000 of 61,234  repeating: SERVER_UNAVAILABLE …");
        assert_eq!(lines[1], "  GroupMember                 repeating: SERVER_UNAVAILABLE (HTTP 503)");
        assert!(lines[2].contains("2 repeated"), "{lines:?}");
    }

    #[test]
    fn a_low_window_is_not_overfilled() {
        let (mut tracker, now) = run();
        for object in ["PermissionSetGroupComponent", "GroupMember"] {
            tracker.see(&Event::Page { object: object.to_owned(), rows: 1, total: 2 }, now);
        }
        let look = Look { rows: 4, ..look(80) };
        assert_eq!(lines(&tracker, &look, now).len(), 3);
        assert_eq!(lines(&tracker, &Look { rows: 0, ..look }, now).len(), 2);
    }
}

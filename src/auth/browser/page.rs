//! The page that a person sees when the browser comes back.

/// What the page says.
#[derive(Debug, Clone)]
pub struct Page {
    is_good: bool,
    title: String,
    text: String,
    facts: Vec<(&'static str, String)>,
}

impl Page {
    /// The login worked; `facts` say where, and as whom.
    pub fn worked(facts: Vec<(&'static str, String)>) -> Self {
        let (title, text) = ("You are logged in", "You can close this window and go back to the terminal.");
        Self { is_good: true, title: title.to_owned(), text: text.to_owned(), facts }
    }

    /// It did not, for this reason; what to do is told in the terminal.
    pub fn failed(title: &str, reason: &str) -> Self {
        let facts = vec![("Reason", reason.to_owned())];
        let text = "The terminal says more. You can close this window.".to_owned();
        Self { is_good: false, title: title.to_owned(), text, facts }
    }

    /// The person said no.
    pub fn declined() -> Self {
        let (title, text) = ("You declined the login", "Nothing was kept. You can close this window.");
        Self { is_good: false, title: title.to_owned(), text: text.to_owned(), facts: Vec::new() }
    }

    /// Something else came in at the address.
    pub(super) fn other() -> Self {
        let text =
            "This answer belongs to another login, so it was not used. If you started two, go on with the window of \
                    the latest one."
                .to_owned();
        Self { is_good: false, title: "Not this login".to_owned(), text, facts: Vec::new() }
    }

    /// As HTML that loads nothing from anywhere.
    pub(super) fn html(&self) -> String {
        let facts = self.facts.iter().fold(String::new(), |facts, (name, value)| {
            facts + &format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(value))
        });
        let facts = if facts.is_empty() { facts } else { format!("<dl>\n{facts}</dl>\n") };
        let mark = if self.is_good { "M5 12.5l4.5 4.5L19 7.5" } else { "M12 6.5v7M12 17.5v.01" };
        include_str!("page.html")
            .replace("{kind}", if self.is_good { "good" } else { "bad" })
            .replace("{mark}", mark)
            .replace("{title}", &escaped(&self.title))
            .replace("{facts}", &facts)
            .replace("{text}", &escaped(&self.text))
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('{', "&#123;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_names_as_text_and_loads_nothing() {
        let page = Page::worked(vec![("Org", "<script>alert(1)</script> {text}".to_owned())]).html();
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &#123;text}"), "{page}");
        for page in [page, Page::failed("x", "y").html(), Page::declined().html(), Page::other().html()] {
            for loading in ["<script", "src=", "url(", "@import", "http://", "https://"] {
                assert!(!page.contains(loading), "{loading}");
            }
            for place in ["{kind}", "{mark}", "{title}", "{facts}", "{text}</"] {
                assert!(!page.contains(place), "{place}");
            }
            assert!(page.contains("prefers-color-scheme: dark"));
        }
    }
}

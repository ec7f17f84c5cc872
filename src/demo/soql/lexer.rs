//! The words of a query.

use jiff::civil::Date;

use crate::demo::error::ApiError;
use crate::demo::value::parse_datetime;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    /// The text between the quotes, escapes and all.
    Text(String),
    Int(i64),
    Double(f64),
    DateTime(i64),
    Date(Date),
    /// `(`, `,`, `<=`, …
    Sign(&'static str),
    End,
}

impl Token {
    /// The token as an error message shows it.
    pub(super) fn shown(&self, soql: &str, at: usize) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Text(text) => text.clone(),
            Self::Sign(sign) => (*sign).to_owned(),
            Self::End => "<EOF>".to_owned(),
            Self::Int(_) | Self::Double(_) | Self::DateTime(_) | Self::Date(_) => literal(&soql[at..]).to_owned(),
        }
    }
}

/// The run of characters that may belong to a number or a date.
fn literal(rest: &str) -> &str {
    let inside = |(at, character): (usize, char)| {
        let sign = at > 0 && matches!(character, '+' | '-');
        !(character.is_ascii_alphanumeric() || matches!(character, '.' | ':') || sign || (at == 0 && character == '-'))
    };
    let end = rest.char_indices().find(|&pair| inside(pair)).map_or(rest.len(), |(at, _)| at);
    &rest[..end]
}

const SIGNS: [&str; 12] = ["<=", ">=", "!=", "<>", "(", ")", ",", ".", "=", "<", ">", ":"];

/// Splits the text; each token comes with its byte offset, the last is [`Token::End`].
pub(super) fn tokens(soql: &str) -> Result<Vec<(Token, usize)>, ApiError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = soql[at..].chars().next() {
        let rest = &soql[at..];
        let negative = first == '-' && rest[1..].starts_with(|next: char| next.is_ascii_digit());
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if first == '\'' {
            let length = quoted(soql, at)?;
            tokens.push((Token::Text(rest[1..=length].to_owned()), at));
            at += length + 2;
        } else if first.is_ascii_digit() || negative {
            let text = literal(rest);
            tokens.push((number_or_date(soql, at, text)?, at));
            at += text.len();
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|next: char| !(next.is_alphanumeric() || next == '_')).unwrap_or(rest.len());
            tokens.push((Token::Word(rest[..end].to_owned()), at));
            at += end;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push((Token::Sign(sign), at));
            at += sign.len();
        } else {
            let message = format!("unexpected token: '{first}'");
            return Err(ApiError::at("MALFORMED_QUERY", soql, at, &message));
        }
    }
    tokens.push((Token::End, at));
    Ok(tokens)
}

/// The length of the text that starts with the quote at `at`, without the quotes.
fn quoted(soql: &str, at: usize) -> Result<usize, ApiError> {
    let mut escaped = false;
    for (length, character) in soql[at + 1..].char_indices() {
        match character {
            _ if escaped => {
                if !matches!(
                    character,
                    'n' | 'N' | 'r' | 'R' | 't' | 'T' | 'b' | 'B' | 'f' | 'F' | '"' | '\'' | '\\' | '_' | '%'
                ) {
                    let message = format!("Invalid string literal '\\{character}'. Illegal character sequence");
                    return Err(ApiError::at("MALFORMED_QUERY", soql, at, &message));
                }
                escaped = false;
            }
            '\\' => escaped = true,
            '\'' => return Ok(length),
            _ => {}
        }
    }
    Err(ApiError::at("MALFORMED_QUERY", soql, at, "unexpected token: '''"))
}

fn number_or_date(soql: &str, at: usize, text: &str) -> Result<Token, ApiError> {
    let number = text.parse().ok().map(Token::Int);
    let decimal = || {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        text.parse().ok().filter(|_| plain).map(Token::Double)
    };
    let date = || (text.len() == 10).then(|| text.parse().ok().map(Token::Date)).flatten();
    let datetime = || parse_datetime(text).map(Token::DateTime);
    number
        .or_else(decimal)
        .or_else(date)
        .or_else(datetime)
        .ok_or_else(|| ApiError::at("MALFORMED_QUERY", soql, at, &format!("unexpected token: '{text}'")))
}

/// The text that a string literal stands for.
pub(super) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        let next = if character == '\\' { characters.next() } else { Some(character) };
        text.extend(next.map(|next| if character == '\\' { control(next) } else { next }));
    }
    text
}

fn control(escaped: char) -> char {
    match escaped {
        'n' | 'N' => '\n',
        'r' | 'R' => '\r',
        't' | 'T' => '\t',
        'b' | 'B' => '\u{8}',
        'f' | 'F' => '\u{c}',
        other => other,
    }
}

/// A piece of a `LIKE` pattern; letters are in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Letter(char),
    /// `_`.
    One,
    /// `%`.
    Many,
}

/// The pattern that a string literal after `LIKE` stands for; `\_` and `\%` are themselves.
pub(super) fn pattern(raw: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        match character {
            '_' => pieces.push(Piece::One),
            '%' => pieces.push(Piece::Many),
            '\\' => pieces
                .extend(characters.next().map(control).into_iter().flat_map(char::to_lowercase).map(Piece::Letter)),
            other => pieces.extend(other.to_lowercase().map(Piece::Letter)),
        }
    }
    pieces
}

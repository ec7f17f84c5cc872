//! The floor: the least that a client does to get the pages of some queries. It logs in to a demo org, downloads the pages,
//! eight at a time, and throws them away.
//!
//! It knows what a real client cannot know: a locator of the demo org names a row, so that any page can be had at once.
//! `benches/whole` runs it beside the program, with the queries that the program has sent, one a line on stdin:
//!
//! ```sh
//! cargo run --release --example floor -- http://127.0.0.1:8080 CLIENT_ID CLIENT_SECRET < queries
//! ```

use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Client;
use serde::Deserialize;

const CONCURRENCY: usize = 8;
const PAGE: u64 = 2_000;
const VERSION: &str = "v66.0";

type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Deserialize)]
struct Login {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    total_size: u64,
    next_records_url: Option<String>,
}

struct Org {
    client: Client,
    url: String,
    token: String,
}

impl Org {
    async fn log_in(url: String, id: &str, secret: &str) -> Result<Self, Error> {
        let client = Client::builder().no_proxy().build()?;
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let login = client.post(format!("{url}/services/oauth2/token")).form(&form).send().await?;
        let login: Login = serde_json::from_slice(&login.error_for_status()?.bytes().await?)?;
        Ok(Self { client, url, token: login.access_token })
    }

    /// The head of the first page of a query, and how many bytes it had.
    async fn first(&self, soql: &str) -> Result<(Head, u64), Error> {
        let request = self.client.get(format!("{}/services/data/{VERSION}/query", self.url)).query(&[("q", soql)]);
        let body = request.bearer_auth(&self.token).send().await?.error_for_status()?.bytes().await?;
        // All that is wanted stands before the records.
        let end = body.windows(11).position(|part| part == b"\"records\":[").ok_or("a page without records")?;
        let mut head = body[..end].to_vec();
        head.extend_from_slice(b"\"records\":[]}");
        Ok((serde_json::from_slice(&head)?, body.len() as u64))
    }

    /// How many bytes a further page had.
    async fn page(&self, path: &str) -> Result<u64, Error> {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let mut response = request.send().await?.error_for_status()?;
        let mut bytes = 0;
        while let Some(chunk) = response.chunk().await? {
            bytes += chunk.len() as u64;
        }
        Ok(bytes)
    }
}

/// The pages after the first: their paths.
fn further(head: &Head) -> Result<Vec<String>, Error> {
    let Some(next) = &head.next_records_url else { return Ok(Vec::new()) };
    let (cursor, _) = next.rsplit_once('-').ok_or("a locator that names no row")?;
    let first = usize::try_from(PAGE)?;
    Ok((PAGE..head.total_size).step_by(first).map(|row| format!("{cursor}-{row}")).collect())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("three arguments: the URL of a demo org, a client id, its secret");
    let (url, id, secret) = (next()?, next()?, next()?);
    let queries: Vec<String> = std::io::stdin().lock().lines().collect::<Result<_, _>>()?;
    let start = Instant::now();
    let org = Org::log_in(url, &id, &secret).await?;
    let firsts = stream::iter(&queries).map(|soql| org.first(soql)).buffer_unordered(CONCURRENCY);
    let heads: Vec<(Head, u64)> = firsts.try_collect().await?;
    let mut paths = Vec::new();
    for (head, _) in &heads {
        paths.extend(further(head)?);
    }
    let pages = heads.len() + paths.len();
    let rest = stream::iter(&paths).map(|path| org.page(path)).buffer_unordered(CONCURRENCY);
    let rest = rest.try_fold(0, |sum, bytes| async move { Ok(sum + bytes) }).await?;
    let bytes = rest + heads.iter().map(|(_, bytes)| bytes).sum::<u64>();
    let rows: u64 = heads.iter().map(|(head, _)| head.total_size).sum();
    let seconds = start.elapsed().as_secs_f64();
    let found = serde_json::json!({ "seconds": seconds, "pages": pages, "rows": rows, "bytes": bytes });
    writeln!(std::io::stdout(), "{found}")?;
    Ok(())
}

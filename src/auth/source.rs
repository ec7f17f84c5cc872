//! The session in use, shared by all requests of a client.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use super::{Error, Renewer, Session};

/// Where a client takes its token from. Clones share everything.
#[derive(Clone)]
pub struct TokenSource(Arc<Inner>);

struct Inner {
    current: RwLock<Arc<Session>>,
    renewer: Option<Renewer>,
    /// Only one renewal at a time; why the last one failed.
    renewing: Mutex<Option<Arc<Error>>>,
}

impl From<Session> for TokenSource {
    /// A session that nothing can renew.
    fn from(session: Session) -> Self {
        Self::new(session, None)
    }
}

impl TokenSource {
    /// A session of which it is known how to renew it.
    pub fn with(session: Session, renewer: Renewer) -> Self {
        Self::new(session, Some(renewer))
    }

    fn new(session: Session, renewer: Option<Renewer>) -> Self {
        let current = RwLock::new(Arc::new(session));
        Self(Arc::new(Inner { current, renewer, renewing: Mutex::default() }))
    }

    /// Logs in: with the token that is stored, if there is one; whether it still works, Salesforce says.
    pub async fn open(renewer: Renewer) -> Result<Self, Error> {
        let run = async move {
            let session = renewer.session().await?;
            Ok(Self::new(session, Some(renewer)))
        };
        // A task of its own: who asks may go away, and what came must be stored all the same.
        tokio::spawn(run).await.unwrap_or_else(|error| Err(error.into()))
    }

    /// The session in use.
    pub fn current(&self) -> Arc<Session> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The session that takes the place of one that Salesforce refused; `None` where nothing can renew it. However many
    /// ask at a time, one renewal is made, and one that failed is not tried again.
    pub async fn renew(&self, refused: &Arc<Session>) -> Result<Option<Arc<Session>>, Arc<Error>> {
        if self.0.renewer.is_none() {
            return Ok(None);
        }
        let (inner, refused) = (Arc::clone(&self.0), Arc::clone(refused));
        tokio::spawn(async move { inner.renew(&refused).await })
            .await
            .unwrap_or_else(|error| Err(Arc::new(error.into())))
    }
}

impl Inner {
    async fn renew(&self, refused: &Arc<Session>) -> Result<Option<Arc<Session>>, Arc<Error>> {
        let mut failed = self.renewing.lock().await;
        if let Some(error) = &*failed {
            return Err(Arc::clone(error));
        }
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        if !Arc::ptr_eq(&current, refused) {
            return Ok(Some(current));
        }
        let Some(renewer) = &self.renewer else { return Ok(None) };
        match renewer.renew(refused).await {
            Ok(session) => {
                let session = Arc::new(session);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&session);
                Ok(Some(session))
            }
            Err(error) => {
                let error = Arc::new(error);
                *failed = Some(Arc::clone(&error));
                Err(error)
            }
        }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenSource").field(&self.current()).finish()
    }
}

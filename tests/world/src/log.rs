//! What the world's servers saw, for tests that ask what a client did and did not do.
//!
//! *Invariant:* no secret is kept: of an Authorization header the scheme alone, of a query the harmless fields.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// A request that a server of the world saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The host it was sent to, as the Host header says, without the port.
    pub host: String,
    /// The path, with the harmless fields of the query.
    pub path: String,
    /// The harmless fields of a form body: `grant_type=...&service=...`.
    pub form: String,
    /// The scheme of the Authorization header (`Bearer`, `Basic`), if there was one.
    pub authorization: Option<String>,
    /// The status of the answer; 0 where none was given.
    pub status: u16,
}

/// A question that a nameserver of the world saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The nameserver's place in the list, from 0.
    pub nameserver: usize,
    /// The name, lower case, without the last dot.
    pub name: String,
    /// The type, as `A`.
    pub kind: String,
    /// Asked by TCP.
    pub tcp: bool,
}

/// What was seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    requests: Arc<Mutex<Vec<Request>>>,
    questions: Arc<Mutex<Vec<Question>>>,
    file: Option<Arc<File>>,
}

impl Log {
    /// A log that writes each request to a file, too.
    pub(crate) fn new(file: Option<File>) -> Self {
        Self { file: file.map(Arc::new), ..Self::default() }
    }

    /// Notes a request.
    pub(crate) fn request(&self, request: Request) {
        if let Some(file) = &self.file {
            let line = serde_json::json!({
                "method": request.method, "host": request.host, "path": request.path, "form": request.form,
                "authorization": request.authorization, "status": request.status,
            });
            // One write a line, so that lines stay whole; a full disk is no fault of the world's.
            let _written = file.as_ref().write_all(format!("{line}\n").as_bytes());
        }
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// Notes a question.
    pub(crate) fn question(&self, question: Question) {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).push(question);
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The questions so far.
    pub(crate) fn questions(&self) -> Vec<Question> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

//! The kinds of failures, which are the exit codes.

/// What kind of failure it is. The numbers are the exit codes: gRPC's status codes, as in the whole ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A person said no.
    Cancelled = 1,
    /// Something else: cannot write, disk full, TLS.
    Unknown = 2,
    /// Bad flags or settings.
    InvalidArgument = 3,
    /// Timed out.
    DeadlineExceeded = 4,
    /// Not found.
    NotFound = 5,
    /// A permission is missing.
    PermissionDenied = 7,
    /// The API allowance is used up, or that of logins.
    ResourceExhausted = 8,
    /// The org or the target is not in the state that a run needs.
    FailedPrecondition = 9,
    /// A bug in this program.
    Internal = 13,
    /// Salesforce cannot be reached, or is not up.
    Unavailable = 14,
    /// Totals do not add up, or a partial document was written on request.
    DataLoss = 15,
    /// The login was refused.
    Unauthenticated = 16,
}

impl Class {
    /// All of them, by number.
    pub const ALL: [Self; 12] = [
        Self::Cancelled,
        Self::Unknown,
        Self::InvalidArgument,
        Self::DeadlineExceeded,
        Self::NotFound,
        Self::PermissionDenied,
        Self::ResourceExhausted,
        Self::FailedPrecondition,
        Self::Internal,
        Self::Unavailable,
        Self::DataLoss,
        Self::Unauthenticated,
    ];

    /// For people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Cancelled => "The person declined the login.",
            Self::Unknown => "Something else: the document cannot be written, the disk is full, TLS fails.",
            Self::InvalidArgument => "Bad flags or settings.",
            Self::DeadlineExceeded => "Timed out.",
            Self::NotFound => "Not found.",
            Self::PermissionDenied => "A permission is missing in Salesforce.",
            Self::ResourceExhausted => "The org's API allowance is used up, or the user logs in too often.",
            Self::FailedPrecondition => "The org has no API, or the target is in use or is something else's.",
            Self::Internal => "A bug in this program.",
            Self::Unavailable => "Salesforce cannot be reached, or is not up.",
            Self::DataLoss => "Totals do not add up, or a partial document was written on request.",
            Self::Unauthenticated => "The login was refused.",
        }
    }

    /// The gRPC name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::Unknown => "UNKNOWN",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::Internal => "INTERNAL",
            Self::Unavailable => "UNAVAILABLE",
            Self::DataLoss => "DATA_LOSS",
            Self::Unauthenticated => "UNAUTHENTICATED",
        }
    }

    /// The exit code.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

//! Bodies of answers. Invariant: what is in memory has a known length, what streams is never held
//! whole.

use std::error::Error;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Either, Full};

/// Whatever breaks a stream.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// From memory, or streamed.
pub type Body = Either<Full<Bytes>, UnsyncBoxBody<Bytes, BoxError>>;

/// From memory.
#[must_use]
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Either::Left(Full::new(bytes.into()))
}

/// Nothing.
#[must_use]
pub fn empty() -> Body {
    full(Bytes::new())
}

/// As it comes.
pub fn streamed<B>(body: B) -> Body
where
    B: http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static,
{
    Either::Right(body.boxed_unsync())
}

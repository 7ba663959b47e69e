//! Compression on the fly. Invariant: bounded work and memory: few at once, an object once for each
//! form, and what does not shrink stays as it is.

use std::io::{self, Write};
use std::sync::Arc;

use async_compression::Level;
use async_compression::tokio::bufread::GzipEncoder;
use aws_sdk_s3::primitives::SdkBody;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::Semaphore;
use tokio_util::io::{ReaderStream, StreamReader};

use crate::body::{Body, streamed};
use crate::limits::Limits;
use crate::negotiation::Coding;
use crate::slot::Object;

/// Near brotli's best for its time.
const BROTLI_QUALITY: i32 = 5;
/// A window of 1 MiB: no object that is kept is larger.
const BROTLI_WINDOW: i32 = 20;
const GZIP_OBJECT: u32 = 6;
/// A stream is compressed for each client anew.
const GZIP_STREAM: i32 = 4;
const STREAM_CHUNK: usize = 16 << 10;

/// Compresses, so much at once.
#[derive(Debug)]
pub struct Compressor {
    objects: Semaphore,
    streams: Arc<Semaphore>,
}

impl Compressor {
    /// Within these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            objects: Semaphore::new(limits.objects_compressed),
            streams: Arc::new(Semaphore::new(limits.streams_compressed)),
        }
    }

    /// A form of an object that is kept; `None` when it does not pay.
    pub async fn object(&self, object: &Object, coding: Coding) -> Option<Bytes> {
        let cell = match coding {
            Coding::Br => &object.br,
            Coding::Gzip => &object.gzip,
        };
        let make = || async {
            let _permit = self.objects.acquire().await.ok()?;
            let (bytes, most) = (object.bytes.clone(), object.form_most());
            let work = move || whole(coding, &bytes).ok();
            let form = tokio::task::spawn_blocking(work).await.ok()??;
            (form.len() <= most).then_some(form)
        };
        cell.get_or_init(make).await.clone()
    }

    /// A stream as gzip: the one coding whose state is small.
    ///
    /// # Errors
    /// The body as it was, when enough are compressed at present.
    pub fn stream(&self, body: SdkBody) -> Result<Body, SdkBody> {
        let Ok(permit) = Arc::clone(&self.streams).try_acquire_owned() else {
            return Err(body);
        };
        let reader = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
        let encoder = GzipEncoder::with_quality(reader, Level::Precise(GZIP_STREAM));
        let frames = ReaderStream::with_capacity(encoder, STREAM_CHUNK)
            .map_ok(move |bytes| {
                // Held by the stream, and released with it.
                let _held = &permit;
                Frame::data(bytes)
            })
            .map_err(Into::into);
        Ok(streamed(StreamBody::new(frames)))
    }
}

fn whole(coding: Coding, bytes: &[u8]) -> io::Result<Bytes> {
    let mut form = Vec::with_capacity(bytes.len() / 2);
    match coding {
        Coding::Br => {
            let parameters = BrotliEncoderParams {
                quality: BROTLI_QUALITY,
                lgwin: BROTLI_WINDOW,
                size_hint: bytes.len(),
                ..BrotliEncoderParams::default()
            };
            brotli::BrotliCompress(&mut &*bytes, &mut form, &parameters)?;
        }
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(&mut form, Compression::new(GZIP_OBJECT));
            encoder.write_all(bytes)?;
            encoder.finish()?;
        }
    }
    form.shrink_to_fit();
    Ok(form.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn forms_are_the_object(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let mut back = Vec::new();
            let gzip = whole(Coding::Gzip, &bytes).unwrap();
            flate2::read::GzDecoder::new(&*gzip).read_to_end(&mut back).unwrap();
            prop_assert_eq!(&back, &bytes);
            back.clear();
            let br = whole(Coding::Br, &bytes).unwrap();
            brotli::BrotliDecompress(&mut &*br, &mut back).unwrap();
            prop_assert_eq!(&back, &bytes);
        }
    }
}

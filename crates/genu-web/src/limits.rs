//! Times and amounts that bound the server. Invariant: nothing waits for ever and nothing grows
//! without end.

use std::time::Duration;

/// Bounds that no variable sets; tests make them short.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest object that is kept in the cache, bytes.
    pub object_bytes: u64,
    /// Bytes that all fills of the cache under way may take together.
    pub filling_bytes: usize,
    /// How long beyond its freshness an object is served when S3 fails.
    pub grace: Duration,
    /// How long a request waits for a revalidation before it takes the stale object.
    pub patience: Duration,
    /// After a failed revalidation, how long S3 is left alone for that key.
    pub pause: Duration,
    /// Requests at work at once; the next is answered 503.
    pub requests: usize,
    /// Connections open at once; the next waits in the kernel.
    pub connections: usize,
    /// From an open or idle connection to the end of a request's header. Longer than the load
    /// balancer's idle time-out (60 s): else it sends requests into connections that are closing.
    pub header: Duration,
    /// How long a client may take no byte of its answer.
    pub write: Duration,
    /// What requests under way get to end after SIGTERM; ECS kills after 30 s.
    pub drain: Duration,
    /// To connect to S3.
    pub connect: Duration,
    /// From a request to S3 to the first byte of its answer.
    pub first_byte: Duration,
    /// Tries of a request to S3: one and two retries.
    pub attempts: u32,
    /// All tries together.
    pub operation: Duration,
    /// Streams that are compressed at once; the next is sent as it is.
    pub streams_compressed: usize,
    /// Cached objects that are compressed at once; the next waits.
    pub objects_compressed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            object_bytes: 1 << 20,
            filling_bytes: 8 << 20,
            grace: Duration::from_mins(1),
            patience: Duration::from_secs(1),
            pause: Duration::from_secs(1),
            requests: 512,
            connections: 2048,
            header: Duration::from_secs(75),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(25),
            connect: Duration::from_secs(2),
            first_byte: Duration::from_secs(10),
            attempts: 3,
            operation: Duration::from_secs(30),
            streams_compressed: 16,
            objects_compressed: 2,
        }
    }
}

//! Messages to an SNS topic: the one thing that a check may send.

use reconciler::Fault;

use crate::call::call;
use crate::connect::{Settings, load};

/// What a subject may have ("Publish", Amazon SNS API reference): 100 characters.
const SUBJECT: usize = 100;

/// Publishes a message to a topic.
///
/// # Errors
/// No credentials; what SNS refuses.
pub async fn publish(
    settings: &Settings,
    topic: &str,
    subject: &str,
    message: &str,
) -> Result<(), Fault> {
    let config = load(settings).await?;
    let client = aws_sdk_sns::Client::new(&config);
    let subject: String = subject.chars().take(SUBJECT).collect();
    let request = client.publish().topic_arn(topic);
    let request = request.subject(subject).message(message);
    call("sns:Publish", request.send()).await.map(drop)
}

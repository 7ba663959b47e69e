//! What users and other people do in the account behind the tool's back.

use crate::Emulator;

const REGION: &str = "ap-northeast-1";

/// A VPC of the user's own.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// Two subnets in two zones, each with a route table of its own.
    pub subnets: [String; 2],
    /// Their route tables.
    pub tables: [String; 2],
}

impl Emulator {
    /// An EC2 call; its whole answer.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn ec2(&self, region: &str, action: &str, parameters: &[(&str, &str)]) -> String {
        let form = [("Action", action), ("Version", "2016-11-15")];
        let mut answer = ureq::post(self.url())
            .header("Authorization", signature(region, "ec2"))
            .send_form(form.into_iter().chain(parameters.iter().copied()))
            .unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    /// A call of a JSON service; its whole answer.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn json(&self, service: &str, target: &str, body: &serde_json::Value) -> serde_json::Value {
        let mut answer = ureq::post(self.url())
            .header("Authorization", signature(REGION, service))
            .header("X-Amz-Target", target)
            .header("Content-Type", "application/x-amz-json-1.1")
            .send(body.to_string())
            .unwrap();
        // Some answer with nothing at all.
        match answer.body_mut().read_to_string().unwrap().as_str() {
            "" => serde_json::Value::Null,
            text => serde_json::from_str(text).unwrap(),
        }
    }

    /// An IAM call; its whole answer.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let form = [("Action", action), ("Version", "2010-05-08")];
        let mut answer = ureq::post(self.url())
            .header("Authorization", signature("us-east-1", "iam"))
            .send_form(form.into_iter().chain(parameters.iter().copied()))
            .unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    /// Makes a schedule; the scheduler's whole answer.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn scheduled(&self, name: &str, body: &serde_json::Value) -> String {
        let mut answer = ureq::post(format!("{}/schedules/{name}", self.url()))
            .header("Authorization", signature(REGION, "scheduler"))
            .header("Content-Type", "application/json")
            .send(body.to_string())
            .unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    /// A request of Route 53's, with its body in XML.
    ///
    /// # Panics
    /// When it is refused.
    pub fn route53(&self, path: &str, body: &str) {
        ureq::post(format!("{}/2013-04-01/{path}", self.url()))
            .header("Authorization", signature("us-east-1", "route53"))
            .header("Content-Type", "application/xml")
            .send(body)
            .unwrap();
    }

    /// A request of S3's without a body; its whole answer.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn s3(&self, method: &str, path: &str) -> String {
        self.s3_request(method, path).unwrap()
    }

    /// A bucket in the deployment's region.
    ///
    /// # Panics
    /// When it is refused.
    pub fn bucket(&self, name: &str) {
        let place = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        let request = ureq::http::Request::builder()
            .method("PUT")
            .uri(format!("{}/{name}", self.url()))
            .header("Authorization", signature(REGION, "s3"))
            .body(place)
            .unwrap();
        let _ = ureq::run(request).unwrap();
    }

    /// An object of S3's; nothing when there is none.
    #[must_use]
    pub fn s3_or_nothing(&self, path: &str) -> String {
        self.s3_request("GET", path).unwrap_or_default()
    }

    fn s3_request(&self, method: &str, path: &str) -> Result<String, ureq::Error> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.url()))
            .header("Authorization", signature(REGION, "s3"))
            .body(())
            .unwrap();
        ureq::run(request)?.body_mut().read_to_string()
    }

    /// A VPC as a careful administrator makes one: closed, with names, two zones.
    #[must_use]
    pub fn vpc(&self, range: &str) -> Vpc {
        let ec2 = |action, parameters: &[(&str, &str)]| self.ec2(REGION, action, parameters);
        let id = within(&ec2("CreateVpc", &[("CidrBlock", range)]), "vpcId");
        let on = [("VpcId", id.as_str()), ("EnableDnsHostnames.Value", "true")];
        ec2("ModifyVpcAttribute", &on);
        let prefix = range.split(".0.0/").next().unwrap().to_owned();
        let pairs = [("0", "a"), ("1", "c")].map(|(n, zone)| {
            let cidr = format!("{prefix}.{n}.0/24");
            let zone = format!("{REGION}{zone}");
            let subnet = self.subnet(&id, &cidr, &zone);
            let table = within(&ec2("CreateRouteTable", &[("VpcId", &id)]), "routeTableId");
            let pair = [
                ("RouteTableId", table.as_str()),
                ("SubnetId", subnet.as_str()),
            ];
            ec2("AssociateRouteTable", &pair);
            (subnet, table)
        });
        let [(one, first), (two, second)] = pairs;
        Vpc {
            id,
            subnets: [one, two],
            tables: [first, second],
        }
    }

    /// One more subnet.
    #[must_use]
    pub fn subnet(&self, vpc: &str, cidr: &str, zone: &str) -> String {
        let parameters = [
            ("VpcId", vpc),
            ("CidrBlock", cidr),
            ("AvailabilityZone", zone),
        ];
        within(&self.ec2(REGION, "CreateSubnet", &parameters), "subnetId")
    }

    /// A self-signed certificate, imported as the mission's document does; its ARN.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn certificate(&self, domain: &str) -> String {
        let made = rcgen::generate_simple_self_signed(vec![domain.to_owned()]).unwrap();
        let base64 = |text: String| {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(text)
        };
        let body = serde_json::json!({
            "Certificate": base64(made.cert.pem()),
            "PrivateKey": base64(made.signing_key.serialize_pem()),
        });
        let answer = self.json("acm", "CertificateManager.ImportCertificate", &body);
        answer["CertificateArn"].as_str().unwrap().to_owned()
    }
}

/// The emulator reads service and region from it and believes the rest.
fn signature(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// The text of the first element of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn within(answer: &str, element: &str) -> String {
    let (_, rest) = answer
        .split_once(&format!("<{element}>"))
        .unwrap_or_else(|| panic!("no {element} in {answer}"));
    rest.split('<').next().unwrap_or_default().to_owned()
}

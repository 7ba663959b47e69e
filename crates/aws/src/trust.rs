//! The certificates that are trusted instead of the machine's: the user's CA bundle.

use std::path::{Path, PathBuf};

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reconciler::{Class, Fault};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::profile::profiles;

/// A CA bundle that was read, with at least one certificate.
#[derive(Debug, Clone)]
pub struct Bundle {
    certificates: Vec<CertificateDer<'static>>,
}

impl Bundle {
    /// Reads the bundle that `AWS_CA_BUNDLE` names, or else `ca_bundle` of the AWS profile in use. The
    /// Rust SDK reads neither by itself. An empty name is none.
    ///
    /// # Errors
    /// Profiles or a bundle that cannot be read; a bundle without any certificate.
    pub async fn of_user() -> Result<Option<Self>, Fault> {
        const VARIABLE: &str = "AWS_CA_BUNDLE";
        if let Some(file) = std::env::var_os(VARIABLE).filter(|file| !file.is_empty()) {
            return Self::read(&PathBuf::from(file), VARIABLE).map(Some);
        }
        let profiles = profiles().await?;
        let Some(file) = profiles.get("ca_bundle").filter(|file| !file.is_empty()) else {
            return Ok(None);
        };
        let source = format!(
            "ca_bundle of the AWS profile {}",
            profiles.selected_profile()
        );
        Self::read(Path::new(file), &source).map(Some)
    }

    fn read(file: &Path, source: &str) -> Result<Self, Fault> {
        let refused = |why: String| {
            let message = format!("{source} names {}: {why}", file.display());
            Fault::new(Class::Refused, "settings", message).hint(
                "expected is a file in PEM form with at least one certificate \
                 (`-----BEGIN CERTIFICATE-----`)",
            )
        };
        let pem = std::fs::read(file).map_err(|e| refused(e.to_string()))?;
        let found = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| refused(e.to_string()))?;
        let mut store = RootCertStore::empty();
        let mut certificates = Vec::new();
        let mut reason = None;
        for certificate in found {
            match store.add(certificate.clone()) {
                Ok(()) => certificates.push(certificate),
                // Old bundles have such ones, and the HTTP client panics on them.
                Err(e) => {
                    tracing::warn!("a certificate in {} is not trusted: {e}", file.display());
                    reason = Some(e);
                }
            }
        }
        if certificates.is_empty() {
            return Err(refused(reason.map_or_else(
                || "no certificate is in it".to_owned(),
                |e| format!("no usable certificate is in it: {e}"),
            )));
        }
        Ok(Self { certificates })
    }

    /// The certificates in DER form.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.certificates.iter().map(AsRef::as_ref)
    }

    /// An HTTP client that trusts this bundle only, and that goes through the proxy that the
    /// environment names. One built by hand uses no proxy unless it is told to.
    pub(crate) fn client(&self) -> Result<SharedHttpClient, Fault> {
        let mut store = TrustStore::empty();
        for certificate in self.certificates() {
            let base64 = STANDARD.encode(certificate);
            let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
            store.add_pem_certificate(pem);
        }
        let context = TlsContext::builder()
            .with_trust_store(store)
            .build()
            .map_err(|e| Fault::new(Class::Refused, "settings", format!("the CA bundle: {e}")))?;
        // As `aws-smithy-runtime` builds its default client, which is not made for another trust store.
        let connector = move |settings: Option<&HttpConnectorSettings>,
                              components: Option<&RuntimeComponents>| {
            let mut builder = Connector::builder();
            builder.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                builder.set_sleep_impl(components.sleep_impl());
            }
            builder
                .proxy_config(ProxyConfig::from_env())
                .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(context.clone())
                .build()
        };
        Ok(aws_smithy_http_client::Builder::new().build_with_connector_fn(connector))
    }
}

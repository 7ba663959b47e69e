//! The configuration: how to start the server, and what the layers are once unpacked.

use std::collections::{BTreeMap, HashMap};

use oci_spec::image::{
    ANNOTATION_TITLE, ANNOTATION_VERSION, Config, ConfigBuilder, History, HistoryBuilder,
    ImageConfigurationBuilder, MediaType, Os, RootFsBuilder,
};

use crate::layer::Layer;
use crate::rootfs::CERTIFICATES;
use crate::{Architecture, Blob, Error, Recipe, json};

/// A time has to be there for some tools; the clock's would make each image another one.
const CREATED: &str = "1970-01-01T00:00:00Z";

pub(crate) fn blob(
    recipe: &Recipe,
    architecture: Architecture,
    layers: &[Layer],
) -> Result<Blob, Error> {
    let diff_ids: Vec<String> = layers.iter().map(|layer| layer.diff_id.clone()).collect();
    let history: Result<Vec<History>, Error> = layers.iter().map(history).collect();
    let document = ImageConfigurationBuilder::default()
        .created(CREATED)
        .architecture(architecture)
        .os(Os::Linux)
        .config(execution(recipe)?)
        .rootfs(
            RootFsBuilder::default()
                .typ("layers")
                .diff_ids(diff_ids)
                .build()?,
        )
        .history(history?)
        .build()?;
    Ok(Blob::new(&MediaType::ImageConfig, json::sorted(&document)?))
}

fn execution(recipe: &Recipe) -> Result<Config, Error> {
    let env = with_defaults(&recipe.env, &[("SSL_CERT_FILE", CERTIFICATES)]);
    let labels = with_defaults(
        &recipe.labels,
        &[
            (ANNOTATION_TITLE, &recipe.name),
            (ANNOTATION_VERSION, &recipe.version),
        ],
    );
    let env: Vec<String> = env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let config = ConfigBuilder::default()
        .user(format!("{0}:{0}", recipe.user))
        .exposed_ports(vec![format!("{}/tcp", recipe.port)])
        .env(env)
        .entrypoint(vec![format!("/{}", recipe.name)])
        .working_dir("/")
        .labels(labels.into_iter().collect::<HashMap<_, _>>())
        .build()?;
    Ok(config)
}

fn with_defaults(
    given: &BTreeMap<String, String>,
    defaults: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let mut all = given.clone();
    for (name, value) in defaults {
        all.entry((*name).to_owned())
            .or_insert_with(|| (*value).to_owned());
    }
    all
}

fn history(layer: &Layer) -> Result<History, Error> {
    let history = HistoryBuilder::default()
        .created(CREATED)
        .created_by(layer.story.as_str());
    Ok(history.build()?)
}

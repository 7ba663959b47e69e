//! The command line. Commands, options and exit codes are what other people's scripts rest on.

use std::path::PathBuf;
use std::time::Duration;

use anstream::ColorChoice;
use aws::RateProfile;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::checks::CheckArgs;
use crate::picture;

/// Brings GenU's closed network up, keeps it right and takes it down, straight through the AWS API.
///
/// Exit codes: 0 done · 1 failed · 2 changes pending (plan --detailed-exitcode), drift or audit findings · 3 partly applied ·
/// 4 configuration or command line invalid · 5 lock held by another · 130 interrupted.
#[derive(Debug, Clone, Parser)]
#[command(version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Configuration file: genu.toml, or GenU's cdk.json or parameter.ts.
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "GENU_CONFIG",
        default_value = "config/genu.toml"
    )]
    pub config: PathBuf,
    /// Where the state is, a directory or `s3://BUCKET/PREFIX`; each environment has a folder in it.
    #[arg(
        long,
        global = true,
        value_name = "DIR|S3-URL",
        env = "GENU_STATE",
        default_value = ".genu"
    )]
    pub state: String,
    /// How long to wait for a state that somebody else is changing, such as 90s or 5m.
    #[arg(long, global = true, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
    /// The web server's binary, static; else `genu-web` beside this one.
    #[arg(long, global = true, value_name = "FILE", env = "GENU_WEB_BINARY")]
    pub web_binary: Option<PathBuf>,
    /// Endpoint of an emulator, for all services.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// How fast AWS may be called: `aws`, its published limits, or `none` (default with an endpoint
    /// URL).
    #[arg(long, global = true, value_name = "PROFILE")]
    pub rate_profile: Option<RateProfile>,
    /// Machine-readable output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Only results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log AWS calls; twice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Check the configuration and show it resolved; no AWS call.
    Validate {
        /// Environment; all of them when left out.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
    },
    /// Show what would change and why. Writes nothing.
    Plan(PlanArgs),
    /// Bring the environment to what the configuration says.
    Apply(ApplyArgs),
    /// Delete what the environment owns, and nothing else.
    Destroy(DestroyArgs),
    /// Compare live AWS with what the configuration says. Only looks.
    Drift(DriftArgs),
    /// Prove that the closed network is closed, or say where it is not. Only looks.
    Audit(AuditArgs),
    /// Draw the deployment with its live status. Only looks.
    Graph(GraphArgs),
    /// Print all outputs, or the bare value of one.
    Outputs {
        /// Environment.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
        /// Name of one output.
        name: Option<String>,
    },
    /// Show what is recorded, how old it is and who holds the lock.
    Status {
        /// Environment; all of them when left out.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
    },
    /// The web server's image.
    #[command(subcommand)]
    Image(ImageCommand),
    /// The app's files in the web bucket.
    #[command(subcommand)]
    Web(WebCommand),
    /// Look at the state, move it, mend it.
    #[command(subcommand)]
    State(StateCommand),
    /// Print a completion script.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ImageCommand {
    /// Pack the web server's binary into an image, as `apply` pushes it; no AWS call. The same binary
    /// gives the same bytes.
    Build {
        /// Write it as an OCI archive, for skopeo, podman or docker.
        #[arg(short, long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum WebCommand {
    /// Bring the files of a built app to the bucket: only what changed, `index.html` last.
    Push(WebPushArgs),
    /// Show what is deployed.
    Status {
        /// Environment; may be left out when the state holds one.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
    },
}

#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct WebPushArgs {
    /// The folder that the build wrote, such as packages/web/dist.
    pub dir: PathBuf,
    /// Environment; may be left out when the state holds one.
    #[arg(env = "GENU_ENV")]
    pub env: Option<String>,
    /// Also delete what is in the bucket and not in the folder.
    #[arg(long)]
    pub delete: bool,
    /// Only say what would be sent and deleted.
    #[arg(long)]
    pub dry_run: bool,
    /// Send every file, whether it is there or not.
    #[arg(long)]
    pub force: bool,
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum StateCommand {
    /// What is recorded: id, kind, identity.
    List {
        /// Environment.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
    },
    /// One record, or what is known of an unanswered create.
    Show {
        /// The resource's id, such as network/vpc; an environment may stand before it.
        #[arg(required = true, num_args = 1..=2, value_names = ["ENV", "ID"])]
        words: Vec<String>,
    },
    /// Print the whole state as one JSON object.
    Pull {
        /// Environment.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
    },
    /// Put a state that was pulled back in place.
    Push {
        /// The file; - is standard input.
        file: PathBuf,
        /// Environment.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
        /// Although it is older than what is there, or another deployment's.
        #[arg(long)]
        force: bool,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
    /// Strike records; the resources stay.
    Forget {
        /// Ids of resources; an environment may stand before them.
        #[arg(required = true, value_names = ["ENV", "ID"], num_args = 1..)]
        words: Vec<String>,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
    /// Write the state anew from the resources' tags alone.
    Rebuild {
        /// Environment; may be left out when there is one.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
        /// Although there is a state that can be read.
        #[arg(long)]
        force: bool,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
    /// Which environments have resources in the account and region, by their tags and names alone.
    Discover,
    /// Break the lease of a run that is gone.
    Unlock {
        /// Environment.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
    /// Move a state from a directory to S3, or back.
    Move {
        /// Where to: a directory or `s3://BUCKET/PREFIX`.
        to: String,
        /// Environment; may be left out when there is one.
        #[arg(env = "GENU_ENV")]
        env: Option<String>,
    },
    /// Make the bucket that --state names: versioned, encrypted, private, TLS only.
    Bootstrap {
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PlanArgs {
    /// Environment; may be left out when there is one.
    #[arg(env = "GENU_ENV")]
    pub env: Option<String>,
    /// Write the plan to a file, for `apply --plan`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 when there are changes.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Use endpoints in an imported VPC that belong to this other environment; may be repeated.
    #[arg(long, value_name = "ENV")]
    pub use_endpoints_of: Vec<String>,
    /// Show what `apply` would do with this consent; may be repeated.
    #[arg(long, value_name = "ID")]
    pub allow_replace: Vec<String>,
    /// Only this resource, or every one of a group (`web/*`), and what it cannot do without; may be
    /// repeated.
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    pub check: CheckArgs,
    /// Also audit: whether the closed network is closed.
    #[arg(long)]
    pub audit: bool,
    /// Also report tags that others put on.
    #[arg(long)]
    pub tags: bool,
    /// Tell a webhook (https://…) or an SNS topic (its ARN) when the findings have changed since the
    /// last check with this option.
    #[arg(
        long,
        value_name = "TARGET",
        env = "GENU_NOTIFY",
        hide_env_values = true
    )]
    pub notify: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub check: CheckArgs,
    /// Warnings fail, too.
    #[arg(long)]
    pub strict: bool,
    /// Draw who can reach what instead.
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["all", "format"])]
    pub graph: Option<picture::Format>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct GraphArgs {
    /// Environment; may be left out when there is one.
    #[arg(env = "GENU_ENV")]
    pub env: Option<String>,
    /// In which form.
    #[arg(long, value_name = "FORMAT", default_value = "mermaid")]
    pub format: picture::Format,
    /// Write it to a file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ApplyArgs {
    /// Environment; may be left out when there is one.
    #[arg(env = "GENU_ENV")]
    pub env: Option<String>,
    /// Carry out exactly this saved plan, or refuse.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
    /// How many steps may make calls at once.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallelism: u16,
    /// Take over what bears our tags although the state does not know it.
    #[arg(long)]
    pub adopt: bool,
    /// Replace this resource, or every one of a group (`web/*`), although others hold on to it; may
    /// be repeated.
    #[arg(long, value_name = "ID")]
    pub allow_replace: Vec<String>,
    /// Use endpoints in an imported VPC that belong to this other environment; may be repeated.
    #[arg(long, value_name = "ENV")]
    pub use_endpoints_of: Vec<String>,
    /// Only this resource, or every one of a group (`web/*`), and what it cannot do without; may be
    /// repeated.
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// Do not ask for rights and quotas first.
    #[arg(long)]
    pub no_preflight: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DestroyArgs {
    /// Environment; may be left out when the state holds one.
    #[arg(env = "GENU_ENV")]
    pub env: Option<String>,
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
    /// How many steps may make calls at once.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallelism: u16,
    /// Also delete what only its tags say is ours.
    #[arg(long)]
    pub from_tags: bool,
    /// Also delete the endpoint and the security group that GuardDuty's Runtime Monitoring put into
    /// the VPC; without it and without -y it is asked.
    #[arg(long)]
    pub delete_guardduty: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

fn duration(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration = text.parse().map_err(|e| format!("{e}"))?;
    Duration::try_from(span).map_err(|e| format!("{e}"))
}

impl Color {
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
        .write_global();
    }
}

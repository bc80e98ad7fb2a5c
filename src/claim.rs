//! The question of a run, fixed before it starts, and what its answer requires.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a run sets out to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Claim {
    /// The image can be pulled from the workstation, with the credential that the report names.
    WorkstationPulls,
    /// This node reaches all that a pull takes, with one of the credentials that the kubelet would try.
    NodeReaches,
    /// The kubelets of the cluster pull the image, on a node of every class that was selected; of the bytes that a node
    /// held already nothing is said.
    KubeletPulls,
    /// The same, and a node that holds nothing of the image gets its bytes too.
    NewNodePulls,
    /// The registry answers; of an image nothing is said.
    RegistryAnswers,
    /// `WorkstationPulls` with some of what it requires left out by `--check` or `--skip`.
    PartOfWorkstationPulls,
    /// `NodeReaches` with some of what it requires left out.
    PartOfNodeReaches,
    /// `KubeletPulls` with some of what it requires left out.
    PartOfKubeletPulls,
    /// `NewNodePulls` with some of what it requires left out.
    PartOfNewNodePulls,
    /// `RegistryAnswers` with some of what it requires left out.
    PartOfRegistryAnswers,
    /// A claim that a newer version makes; nothing proves it here.
    #[serde(other)]
    Unknown,
}

impl Claim {
    /// What is left of the claim when some of what it requires is left out.
    pub fn lowered(self) -> Self {
        match self {
            Self::WorkstationPulls => Self::PartOfWorkstationPulls,
            Self::NodeReaches => Self::PartOfNodeReaches,
            Self::KubeletPulls => Self::PartOfKubeletPulls,
            Self::NewNodePulls => Self::PartOfNewNodePulls,
            Self::RegistryAnswers => Self::PartOfRegistryAnswers,
            other => other,
        }
    }

    /// Whether it is about what kubelets do.
    pub fn is_of_kubelets(self) -> bool {
        matches!(
            self,
            Self::KubeletPulls | Self::NewNodePulls | Self::PartOfKubeletPulls | Self::PartOfNewNodePulls
        )
    }

    /// Whether the bytes of a node that holds nothing are a part of it.
    pub fn is_of_new_nodes(self) -> bool {
        matches!(self, Self::NewNodePulls | Self::PartOfNewNodePulls)
    }

    /// The checks that must pass, in the order of the path.
    pub fn requires(self) -> &'static [&'static str] {
        match self {
            Self::WorkstationPulls | Self::PartOfWorkstationPulls => &[
                "reference",
                "dns",
                "tcp",
                "proxy",
                "tls",
                "challenge",
                "identity",
                "exchange",
                "token",
                "manifest",
                "platform",
                "blob",
            ],
            Self::NodeReaches | Self::PartOfNodeReaches => &[
                "reference",
                "pull-secret",
                "dns",
                "tcp",
                "proxy",
                "tls",
                "challenge",
                "identity",
                "exchange",
                "token",
                "manifest",
                "platform",
                "blob",
            ],
            Self::KubeletPulls | Self::PartOfKubeletPulls => &["kubelet-pull"],
            Self::NewNodePulls | Self::PartOfNewNodePulls => &["kubelet-pull", "blob"],
            Self::RegistryAnswers | Self::PartOfRegistryAnswers => {
                &["reference", "dns", "tcp", "proxy", "tls", "challenge", "identity", "exchange", "token"]
            }
            Self::Unknown => &[],
        }
    }

    /// The checks that refute the claim when they fail, and need not be known.
    pub fn may_refute(self) -> &'static [&'static str] {
        match self {
            Self::NodeReaches | Self::PartOfNodeReaches => &["node-config", "mirror"],
            _ => &[],
        }
    }

    /// The first line's words when the claim is proven.
    pub fn proven(self) -> &'static str {
        match self {
            Self::WorkstationPulls | Self::PartOfWorkstationPulls => "can be pulled from this workstation",
            Self::NodeReaches | Self::PartOfNodeReaches => "can be had from this node",
            Self::KubeletPulls | Self::PartOfKubeletPulls => "can be pulled by the kubelet",
            Self::NewNodePulls | Self::PartOfNewNodePulls => {
                "can be pulled by the kubelet, on a new node too"
            }
            Self::RegistryAnswers | Self::PartOfRegistryAnswers => "answers, asked from here",
            Self::Unknown => "was asked something that this version does not know",
        }
    }

    /// The first line's words when the claim is refuted.
    pub fn refuted(self) -> &'static str {
        match self {
            Self::WorkstationPulls | Self::PartOfWorkstationPulls => "cannot be pulled from this workstation",
            Self::NodeReaches | Self::PartOfNodeReaches => "cannot be had from this node",
            Self::KubeletPulls | Self::PartOfKubeletPulls => "cannot be pulled by the kubelet",
            Self::NewNodePulls | Self::PartOfNewNodePulls => "cannot be pulled by the kubelet on a new node",
            Self::RegistryAnswers | Self::PartOfRegistryAnswers => "does not answer, asked from here",
            Self::Unknown => self.proven(),
        }
    }

    /// The first line's words when the claim is open.
    pub fn open(self) -> &'static str {
        match self {
            Self::WorkstationPulls | Self::PartOfWorkstationPulls => {
                "may or may not be pulled from this workstation"
            }
            Self::NodeReaches | Self::PartOfNodeReaches => "may or may not be had from this node",
            Self::KubeletPulls | Self::PartOfKubeletPulls => "may or may not be pulled by the kubelet",
            Self::NewNodePulls | Self::PartOfNewNodePulls => {
                "may or may not be pulled by the kubelet on a new node"
            }
            Self::RegistryAnswers | Self::PartOfRegistryAnswers => "may or may not answer, asked from here",
            Self::Unknown => self.proven(),
        }
    }

    /// What the claim does not say; the first lines of every report for people carry it.
    pub fn limits(self) -> &'static str {
        match self {
            Self::WorkstationPulls | Self::PartOfWorkstationPulls => {
                "says nothing of a cluster's nodes: no kubeconfig was used"
            }
            Self::NodeReaches | Self::PartOfNodeReaches => {
                "looked at as the kubelet would; no kubelet has pulled it"
            }
            Self::KubeletPulls | Self::PartOfKubeletPulls => {
                "a pull proves the bytes that its node lacked, and no more"
            }
            Self::NewNodePulls | Self::PartOfNewNodePulls => {
                "it takes a pull, and its bytes looked at from the nodes"
            }
            Self::RegistryAnswers | Self::PartOfRegistryAnswers => {
                "says nothing of any image: no image was named"
            }
            Self::Unknown => "judge the case with the version that made it",
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WorkstationPulls => "WorkstationPulls",
            Self::NodeReaches => "NodeReaches",
            Self::PartOfNodeReaches => "PartOfNodeReaches",
            Self::KubeletPulls => "KubeletPulls",
            Self::NewNodePulls => "NewNodePulls",
            Self::PartOfKubeletPulls => "PartOfKubeletPulls",
            Self::PartOfNewNodePulls => "PartOfNewNodePulls",
            Self::RegistryAnswers => "RegistryAnswers",
            Self::PartOfWorkstationPulls => "PartOfWorkstationPulls",
            Self::PartOfRegistryAnswers => "PartOfRegistryAnswers",
            Self::Unknown => "Unknown",
        })
    }
}

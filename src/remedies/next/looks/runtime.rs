//! Looks at the container runtime on the node, its disk, its store and its way out.
//!
//! *Invariant:* only commands that change nothing.

use super::super::Look;
use crate::causes;
use crate::remedies::{aks, azure, cri, image, kube, local, wire};

/// The looks of this file.
pub(super) static LOOKS: &[Look] = &[
    Look {
        decides: &[
            causes::ContainerRuntimeDown,
            causes::SandboxImagePullFailed,
            causes::PullDeadlineExceeded,
        ],
        text: |names| format!("See whether the runtime on {} runs, and what it said last.", names.the_node()),
        commands: |names| vec![kube::node_conditions(names), kube::pod(names), cri::services(), cri::log()],
    },
    Look {
        decides: &[causes::NodeDiskFull, causes::ReadOnlyFilesystem, causes::ImageGarbageCollected],
        text: |names| {
            format!(
                "Read the conditions of {}, then the room, the inodes and the mount of its runtime's folder.",
                names.the_node()
            )
        },
        commands: |names| {
            vec![kube::node_conditions(names), cri::room(), cri::inodes(), cri::mount(), kube::pod(names)]
        },
    },
    Look {
        decides: &[
            causes::ContentStoreBlobMissing,
            causes::SnapshotStateCorrupt,
            causes::SnapshotterMountFailed,
            causes::ContentIngestLocked,
            causes::LayerUnpackFailed,
            causes::UserNamespaceIdRange,
        ],
        text: |names| {
            format!(
                "Ask the store of {} what it lacks and what it is writing, and read what the runtime said of the image.",
                names.the_node()
            )
        },
        commands: |names| {
            vec![
                cri::incomplete_images(),
                cri::being_written(),
                cri::log(),
                cri::mount(),
                image::manifest(names),
            ]
        },
    },
    Look {
        decides: &[causes::LayerUnpackFailed, causes::UserNamespaceIdRange],
        text: |_| {
            "Read the types of the image's layers, the users that the node may map, and what the runtime said.".to_owned()
        },
        commands: |names| {
            vec![image::manifest(names), cri::id_ranges(), cri::log(), kube::node_versions(names)]
        },
    },
    Look {
        decides: &[
            causes::ArtifactStreamingMountFailed,
            causes::ArtifactStreamingMirrorBroken,
            causes::SnapshotterMountFailed,
            causes::ImageVolumeMountFailed,
        ],
        text: |names| {
            format!(
                "See on {} whether the streaming services run, what they said, and what is mounted.",
                names.the_node()
            )
        },
        commands: |names| {
            vec![
                local::streaming_services(),
                cri::streaming_log(),
                cri::log(),
                cri::mount(),
                kube::pod(names),
            ]
        },
    },
    Look {
        decides: &[causes::PullDeadlineExceeded, causes::PullProgressTimeout, causes::ContentIngestLocked],
        text: |names| {
            format!(
                "See on {} whether the layers still grow, how large they are, and how fast the host answers.",
                names.the_node()
            )
        },
        commands: |names| vec![cri::being_written(), image::manifest(names), wire::dial(names), cri::log()],
    },
    Look {
        decides: &[causes::SnatExhaustion, causes::Intermittent],
        text: |_| {
            "Read the metrics of the nodes' load balancer: failed connections mean that it has no ports left."
                .to_owned()
        },
        commands: |names| vec![azure::snat(names), aks::outbound(names)],
    },
];

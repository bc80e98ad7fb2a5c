//! Time: what a wrong clock breaks.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the clock of this machine is wrong
    ///
    /// Seen: certificates look expired or not yet valid, tokens are refused as too old or too new, signed
    /// addresses give 403; the servers' `Date` header disagrees with the local time by minutes or more.
    ///
    /// Why: time synchronisation does not run or cannot reach its source, or a machine was restored from a
    /// snapshot. Tokens and signed addresses allow for about five minutes, certificates for nothing.
    ///
    /// Prove: compare the local time with that of any server.
    /// - `date -u`
    /// - `curl -sI https://HOST/v2/ | grep -i '^date'`
    /// - `chronyc tracking`
    ///
    /// Alike: TlsCertificateExpired has a clock that agrees with the servers; BlobSasRejected with a right
    /// clock is an altered or stale address; EcrTokenExpired is a credential that is really old.
    ///
    /// Fix: repair time synchronisation on the machine (on Azure, chrony with the host's clock as its
    /// source) and let it step the clock; replace the node if it does not hold.
    NodeClockSkew {
        layer: "clock",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [TlsCertificateExpired, BlobSasRejected, EcrTokenExpired],
        docs: Some("https://learn.microsoft.com/azure/virtual-machines/linux/time-sync"),
    }
}

//! Why a service is called insecure: by its port, and by what its payload shows.

use super::super::model::{Offer, RowKind, Service, Tag, TagUse};
use super::InsecureList;
use crate::evidence::Spoken;
use crate::services::{self, Sends};

/// The tags of a row. What the payload shows takes back what the port alone suggests, and adds
/// what is spoken on an unusual port. Of ports that were handed out, or of a range, nothing is said.
pub(in crate::review) fn of(kind: &RowKind, service: &Service, insecure: &InsecureList) -> Vec<TagUse> {
    if !matches!(kind, RowKind::Service | RowKind::Group) {
        return Vec::new();
    }
    let (spoken, upgraded) = (&service.spoken, &service.upgraded);
    let Offer::Ports { transport, ports } = service.offer else { return Vec::new() };
    let mut tags = insecure.tags(transport, ports.first);
    for tag in &mut tags {
        let is_taken_back =
            !spoken.is_empty() && spoken.iter().all(|&one| takes_back(one, upgraded, tag.tag));
        if is_taken_back && tag.waived.is_empty() {
            let tls = if upgraded.is_empty() { "" } else { ", and TLS after it was asked for" };
            tag.waived = format!("the payload shows {}{tls}", super::super::model::spoken_names(spoken));
        }
    }
    for &one in spoken {
        let Some((transport, port)) = services::usual_port(one) else { continue };
        for tag in insecure.tags(transport, port) {
            // Amplifying and the rest are the port's own; a protocol brings what it shows itself, unless
            // the port says it, too.
            let says_so =
                |own: &TagUse| (own.tag, &own.reason, &own.source) == (tag.tag, &tag.reason, &tag.source);
            if !takes_back(one, upgraded, tag.tag) && !tags.iter().any(says_so) {
                tags.push(tag);
            }
        }
    }
    tags.sort_by(|a, b| (a.tag, &a.service, &a.source).cmp(&(b.tag, &b.service, &b.source)));
    tags
}

/// Whether what is spoken shows that a tag does not hold.
fn takes_back(spoken: Spoken, upgraded: &[Spoken], tag: Tag) -> bool {
    let sends = |is_left: fn(Sends) -> bool| {
        upgraded.contains(&spoken)
            || services::sent_in_the_clear(spoken).is_some_and(|clear| !is_left(clear.sends))
    };
    match tag {
        Tag::CleartextLogin => sends(|sends| sends == Sends::CredentialsAndContent),
        Tag::CleartextData => sends(|sends| sends != Sends::Nothing),
        Tag::ObsoleteVersion => {
            matches!(spoken, Spoken::Tls | Spoken::Quic | Spoken::Ssh | Spoken::Smb2 | Spoken::SnmpV3)
        }
        Tag::Amplifier | Tag::RemoteAdmin | Tag::LateralMovement | Tag::NoAuthentication => false,
    }
}

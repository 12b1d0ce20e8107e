//! Functions of values.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, FixedSizeBinaryBuilder, StringArray,
    StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use ipnet::IpNet;
use portscribe::Transport;
use portscribe::flow::community_id_of;
use portscribe::net::{End, PortRange};
use portscribe::registry::Registry;

/// Octets of a Community ID, and of an address.
const ID: i32 = 20;
const ADDRESS: i32 = 16;

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Service,
    PortStatus,
    PortRange,
    InNetwork,
    CommunityId,
}

impl Kind {
    pub(super) const ALL: [Kind; 5] =
        [Kind::Service, Kind::PortStatus, Kind::PortRange, Kind::InNetwork, Kind::CommunityId];

    fn name(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::PortStatus => "port_status",
            Kind::PortRange => "port_range",
            Kind::InNetwork => "in_network",
            Kind::CommunityId => "community_id",
        }
    }

    fn signature(self) -> Signature {
        let exact = |types: &[DataType]| TypeSignature::Exact(types.to_vec());
        let (port, text) = (DataType::Int64, DataType::Utf8);
        let types = match self {
            Kind::Service | Kind::PortStatus => vec![exact(&[port, text])],
            Kind::PortRange => vec![exact(&[port])],
            Kind::InNetwork => {
                vec![exact(&[DataType::FixedSizeBinary(ADDRESS), text.clone()]), exact(&[text.clone(), text])]
            }
            Kind::CommunityId => {
                vec![exact(&[text.clone(), text.clone(), port.clone(), text.clone(), port]), exact(&[text])]
            }
        };
        Signature::one_of(types, Volatility::Immutable)
    }

    fn returns(self) -> DataType {
        match self {
            Kind::Service | Kind::PortStatus | Kind::PortRange => DataType::Utf8,
            Kind::InNetwork => DataType::Boolean,
            Kind::CommunityId => DataType::FixedSizeBinary(ID),
        }
    }
}

/// A function with the registry that it asks.
#[derive(Debug)]
pub(super) struct Function {
    kind: Kind,
    signature: Signature,
    registry: Arc<Registry>,
}

impl Function {
    pub(super) fn new(kind: Kind, registry: &Arc<Registry>) -> Function {
        Function { kind, signature: kind.signature(), registry: registry.clone() }
    }
}

/// A session has one registry.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.kind == other.kind && Arc::ptr_eq(&self.registry, &other.registry)
    }
}

impl Eq for Function {}

impl std::hash::Hash for Function {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.kind.returns())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let array: ArrayRef = match (self.kind, arrays.as_slice()) {
            (Kind::Service, [of, transports]) => {
                self.of_ports(of, transports, |registry, transport, port| {
                    registry.port(transport, port).service()
                })?
            }
            (Kind::PortStatus, [of, transports]) => {
                self.of_ports(of, transports, |registry, transport, port| {
                    Some(registry.port(transport, port).status().name())
                })?
            }
            (Kind::PortRange, [of]) => {
                let names = ports(of).map(|port| Ok(port?.map(|port| PortRange::of(port).name())));
                Arc::new(names.collect::<Result<StringArray>>()?)
            }
            (Kind::InNetwork, [of, networks]) => Arc::new(in_network(of, networks)?),
            (Kind::CommunityId, [ids]) => Arc::new(ids_of_texts(ids.as_string())?),
            (Kind::CommunityId, [transports, a, a_ports, b, b_ports]) => {
                let ends =
                    [(a, a_ports), (b, b_ports)].map(|(address, port)| addresses(address).zip(ports(port)));
                Arc::new(community_ids(transports.as_string(), ends)?)
            }
            _ => {
                return Err(DataFusionError::Plan(format!(
                    "{}: wrong number of arguments",
                    self.kind.name()
                )));
            }
        };
        // One value for all rows where all arguments are.
        Ok(if is_constant && array.len() == 1 {
            ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&array, 0)?)
        } else {
            ColumnarValue::Array(array)
        })
    }
}

impl Function {
    /// What the registry says of ports.
    fn of_ports<'r>(
        &'r self,
        of: &ArrayRef,
        transports: &ArrayRef,
        says: impl Fn(&'r Registry, Transport, u16) -> Option<&'r str>,
    ) -> Result<ArrayRef> {
        let mut texts = StringBuilder::new();
        for (port, transport) in ports(of).zip(transports.as_string::<i32>()) {
            texts.append_option(match (port?, transport.map(transport_called).transpose()?) {
                (Some(port), Some(transport)) => says(&self.registry, transport, port),
                _ => None,
            });
        }
        Ok(Arc::new(texts.finish()))
    }
}

fn wrong(text: impl std::fmt::Display) -> DataFusionError {
    DataFusionError::Execution(text.to_string())
}

fn transport_called(name: &str) -> Result<Transport> {
    name.parse().map_err(wrong)
}

/// Ports from numbers.
fn ports(array: &ArrayRef) -> impl Iterator<Item = Result<Option<u16>>> + '_ {
    let port = |number: i64| {
        u16::try_from(number).map_err(|_| wrong(format_args!("invalid port {number}; ports are 0 to 65535")))
    };
    array.as_primitive::<Int64Type>().iter().map(move |number| number.map(port).transpose())
}

/// Addresses from texts or octets. A text that is none is unknown.
fn addresses(array: &ArrayRef) -> Box<dyn Iterator<Item = Option<IpAddr>> + '_> {
    match array.as_fixed_size_binary_opt() {
        Some(octets) => Box::new(octets.iter().map(|octets| {
            let octets: [u8; ADDRESS as usize] = octets?.try_into().ok()?;
            Some(IpAddr::from(octets).to_canonical())
        })),
        None => Box::new(array.as_string::<i32>().iter().map(|text| text?.parse().ok())),
    }
}

/// Whether addresses are in networks: `10.0.0.0/8`, or an address alone.
fn in_network(of: &ArrayRef, networks: &ArrayRef) -> Result<BooleanArray> {
    let networks = networks.as_string::<i32>();
    let mut last: Option<(&str, IpNet)> = None;
    let mut answers = Vec::with_capacity(networks.len());
    for (address, text) in addresses(of).zip(networks) {
        let Some(text) = text else {
            answers.push(None);
            continue;
        };
        // Most often it is the same for all rows.
        let network = match last {
            Some((known, network)) if known == text => network,
            _ => network(text)?,
        };
        last = Some((text, network));
        answers.push(address.map(|address| network.contains(&address)));
    }
    Ok(answers.into())
}

fn network(text: &str) -> Result<IpNet> {
    let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse()
        .ok()
        .or_else(alone)
        .ok_or_else(|| wrong(format_args!("invalid network `{text}`; use 192.0.2.0/24")))
}

/// The octets of Community IDs as texts have them.
fn ids_of_texts(texts: &StringArray) -> Result<FixedSizeBinaryArray> {
    let mut ids = FixedSizeBinaryBuilder::with_capacity(texts.len(), ID);
    for text in texts {
        match text {
            None => ids.append_null(),
            Some(text) => ids.append_value(octets_of(text)?)?,
        }
    }
    Ok(ids.finish())
}

fn octets_of(id: &str) -> Result<Vec<u8>> {
    id.strip_prefix("1:")
        .and_then(|hash| STANDARD.decode(hash).ok())
        .filter(|octets| octets.len() == ID as usize)
        .ok_or_else(|| wrong(format_args!("`{id}` is no Community ID of version 1")))
}

/// The Community IDs of flows between ends.
fn community_ids(
    transports: &StringArray,
    [a, b]: [impl Iterator<Item = (Option<IpAddr>, Result<Option<u16>>)>; 2],
) -> Result<FixedSizeBinaryArray> {
    let mut ids = FixedSizeBinaryBuilder::with_capacity(transports.len(), ID);
    for ((transport, a), b) in transports.iter().zip(a).zip(b) {
        let transport = transport.map(transport_called).transpose()?;
        let end = |(address, port): (Option<IpAddr>, Result<Option<u16>>)| {
            Ok::<_, DataFusionError>(
                address.zip(port?).map(|(address, port)| End { address, port: Some(port) }),
            )
        };
        let id = match (transport, end(a)?, end(b)?) {
            (Some(transport), Some(a), Some(b)) => community_id_of(transport, a, b),
            _ => None,
        };
        match id {
            None => ids.append_null(),
            Some(id) => ids.append_value(octets_of(&id)?)?,
        }
    }
    Ok(ids.finish())
}

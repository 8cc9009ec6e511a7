namespace Bindwise.AspNetCore;

internal enum EndpointKind
{
    /// <summary>localhost: 127.0.0.1 and [::1].</summary>
    Localhost,

    /// <summary>Every address, as http://*:5000.</summary>
    Any,

    Address,
    Unix,
}

using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Grammar;

/// <summary>The host of a target, read: all null for none (every address), or a fault.</summary>
/// <param name="Host">The host as asked, without brackets and scope; <c>*</c> for the wildcards <c>*</c> and <c>+</c>.</param>
/// <param name="Address">The host as an address; null for a name and for <c>*</c>.</param>
/// <param name="Scope">The scope behind <c>%</c>.</param>
/// <param name="Error">What is wrong; null when nothing is.</param>
/// <param name="Column">The fault's column, from 1.</param>
internal readonly record struct HostPart(string? Host, IpAddress? Address, string? Scope, string? Error = null, int Column = 0)
{
    /// <summary>The target at this host.</summary>
    public Target ToTarget(string text, Protocol protocol, PortText port) => new()
    {
        Text = text,
        Protocol = protocol,
        Host = Host,
        Address = Address,
        Scope = Scope,
        Port = port.Number,
        Service = port.Service,
    };
}

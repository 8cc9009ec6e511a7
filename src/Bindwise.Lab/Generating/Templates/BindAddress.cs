using Bindwise.Model.Addresses;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>Where a socket is bound: an address, and the scope that goes with it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Scope">The interface's name of sin6_scope_id; null for none.</param>
internal readonly record struct BindAddress(IpAddress Address, string? Scope = null)
{
    /// <summary>Reads <c>::1</c> or <c>fe80::1%lo</c>.</summary>
    public static BindAddress Of(string text)
    {
        var parts = text.Split('%');
        return IpAddress.TryParse(parts[0], out var address)
            ? new BindAddress(address, parts.Length > 1 ? parts[1] : null)
            : throw new ArgumentException($"{text} is no address", nameof(text));
    }
}

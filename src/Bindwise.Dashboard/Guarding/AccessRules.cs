using System.Security.Cryptography.X509Certificates;
using Bindwise.Dashboard.Serving;

namespace Bindwise.Dashboard.Guarding;

/// <summary>Who may ask, and over what: read from files once, before the server starts.</summary>
internal sealed record AccessRules
{
    /// <summary>The token as bytes; null where none is asked for.</summary>
    public byte[]? Token { get; init; }

    /// <summary>The certificate with its key; null for plain HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>A cookie is for encrypted connections alone.</summary>
    public bool HasSecureCookies { get; init; }

    /// <summary>Reads what the settings name.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public static AccessRules? Read(ServeSettings settings, out string? fault)
    {
        fault = null;
        return new AccessRules { HasSecureCookies = settings.IsBehindTlsProxy };
    }
}

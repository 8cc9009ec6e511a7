using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bindwise.AspNetCore;

/// <summary>
/// The endpoints that Kestrel was given in code and by <c>Kestrel:Endpoints</c>. Kestrel shows them to nobody, and tells its transport of
/// one address at a time: only with the whole list can both addresses of localhost get one port, and all endpoints be bound or none.
/// </summary>
internal static class KestrelEndpoints
{
    /// <summary>
    /// The list; null when this Kestrel no longer has it in that place: then each address is bound when Kestrel asks for it.
    /// </summary>
    public static IReadOnlyList<ListenOptions>? Read(KestrelServerOptions options)
    {
        try
        {
            return GetListenOptions(options);
        }
        catch (MissingMethodException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether that is how Kestrel refuses port 0 for localhost in code, which has no type of its own: it
    /// is refused here as well, to compare the words.
    /// </summary>
    public static bool RefusesLocalhostZero(InvalidOperationException exception)
    {
        try
        {
            new KestrelServerOptions().ListenLocalhost(0);
            return false;
        }
        catch (InvalidOperationException own)
        {
            return own.Message == exception.Message;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(GetListenOptions))]
    private static extern ListenOptions[] GetListenOptions(KestrelServerOptions options);
}

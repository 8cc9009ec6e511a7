using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>Errors of bind() by name. .NET tells them by WinSock's numbers on every system (System.Net.Sockets.SocketError).</summary>
internal static class PortableErrors
{
    /// <summary>The name as POSIX has it; for one without a name the system's own number.</summary>
    public static string NameOf(PortableProbe probe) => probe.Error switch
    {
        0 => "ok",
        10004 => "EINTR",
        10013 => "EACCES",
        10014 => "EFAULT",
        10022 => "EINVAL",
        10024 => "EMFILE",
        10038 => "ENOTSOCK",
        10042 => "ENOPROTOOPT",
        10043 => "EPROTONOSUPPORT",
        10044 => "ESOCKTNOSUPPORT",
        10045 => "EOPNOTSUPP",
        10047 => "EAFNOSUPPORT",
        10048 => "EADDRINUSE",
        10049 => "EADDRNOTAVAIL",
        10050 => "ENETDOWN",
        10051 => "ENETUNREACH",
        10055 => "ENOBUFS",
        _ => "errno " + Wording.Number(probe.NativeError),
    };

    /// <summary>The number that programs of that system print beside or instead of the name; null where the name says all.</summary>
    public static string? NumberOf(HostSystem system, PortableProbe probe) => system switch
    {
        _ when probe.NativeError == 0 => null,
        HostSystem.Linux => null,
        HostSystem.Windows => $"{Wording.Number(probe.NativeError)} on Windows",
        HostSystem.MacOS => $"{Wording.Number(probe.NativeError)} on macOS",
        _ => $"{Wording.Number(probe.NativeError)} here",
    };
}

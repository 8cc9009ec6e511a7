using Bindwise.Linux.Names;
using Bindwise.Model.Addresses;

namespace Bindwise;

/// <summary>Whether a word is a service that can be asked about.</summary>
internal static class KnownService
{
    /// <summary>Whether /etc/services has it, for TCP or UDP; never on other systems than Linux.</summary>
    public static bool Is(string name) =>
        OperatingSystem.IsLinux() && (ServiceNames.FindPort(name, Protocol.Tcp) ?? ServiceNames.FindPort(name, Protocol.Udp)) is not null;
}
